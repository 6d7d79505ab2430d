import DNSWire
import Testing
import ZoneFiles

/// The RDATA of each type against octets written by hand or by another implementation.
@Suite struct RecordDataTests {
  @Test(
    arguments: [
      ("A 192.0.2.1", "c0000201"),
      ("AAAA fd00::1", "fd000000000000000000000000000001"),
      ("MX 10 Mail", "000a046d61696c076578616d706c6500"),
      ("SRV 1 2 65535 .", "00010002ffff00"),
      ("PTR a.b.", "0161016200"),
      ("TXT a \"b c\"", "016103622063"),
      ("HINFO a b", "01610162"),
      ("DNAME other.", "056f7468657200"),
      ("NAPTR 1 2 \"u\" \"s\" \"!a!b!\" .", "00010002017501730521612162" + "2100"),
      ("CAA 0 issue \"ca.example\"", "00056973737565" + "63612e6578616d706c65"),
      ("CAA 128 issue ca", "80056973737565" + "6361"),
      ("URI 1 2 \"ftp://x\"", "000100026674703a2f2f78"),
      (
        "DS 1 8 2 " + String(repeating: "AB", count: 20) + " " + String(repeating: "ab", count: 12),
        "00010802" + String(repeating: "ab", count: 32)
      ),
      ("DS 1 8 9 AABB", "00010809aabb"),
      ("CDS 0 0 0 00", "0000000000"),
      ("DNSKEY 256 3 RSASHA256 AQPS Kmyn", "010003080103d22a6ca7"),
      ("SSHFP 1 1 " + String(repeating: "cd", count: 20), "0101" + String(repeating: "cd", count: 20)),
      ("HTTPS 1 . mandatory=alpn alpn=h2", "000100" + "000000020001" + "00010003026832"),
      ("HTTPS 1 . alpn=h2 no-default-alpn", "000100" + "00010003026832" + "00020000"),
      ("TLSA 3 1 1 aabb cc", "030101aabbcc"),
      ("NSEC . A NS TYPE65534", "00000160" + "ff20" + String(repeating: "00", count: 31) + "02"),
      ("NSEC3PARAM 1 0 5 -", "0100000500"),
      ("SVCB 0 foo.", "000003666f6f00"),
      (
        "HTTPS 1 . port=8443 alpn=\"h2,h3\" ipv4hint=192.0.2.1",
        "000100" + "00010006026832026833" + "0003000220fb" + "00040004c0000201"
      ),
      ("EUI48 00-00-5e-00-53-2a", "00005e00532a"),
      ("TYPE65534 \\# 4 0a000001", "0a000001"),
      ("TYPE65534 \\# 4 ( 0a00\n 0001 )", "0a000001"),
      ("TYPE65534 \\# 0", ""),
      ("A \\# 4 0A000001", "0a000001"),
      ("TYPE15 \\# 7 0001 03 414243 00", "00010361626300"),
      ("LOC \\# 16 001216138b3cf018810cbce0009895b8", "001216138b3cf018810cbce0009895b8"),
      ("MX -1 a", nil),
      ("MX 1x a", nil),
      ("MX 1", nil),
      ("MX \\# 4 00010000", nil),
      ("MX \\# 4 0001c000", nil),
      ("A \\# 0", nil),
      ("NSEC \\# 4 00000160", "00000160"),
      ("NSEC \\# 1 00", "00"),
      ("NSEC \\# 5 0000016000", nil),
      ("NSEC \\# 4 00000100", nil),
      ("NSEC \\# 3 000000", nil),
      ("NSEC \\# 7 00010140000160", nil),
      ("NSEC3 \\# 11 010000000001aa00020060", "010000000001aa00020060"),
      ("NSEC3 \\# 10 010000000001aa000260", nil),
      ("CSYNC \\# 8 0000004200030040", nil),
      ("CAA \\# 4 00016963", "00016963"),
      ("CAA \\# 4 00012d63", nil),
      ("CAA \\# 2 0000", nil),
      ("HTTPS \\# 3 000100", "000100"),
      ("HTTPS \\# 9 0001000003000201bb", "0001000003000201bb"),
      ("HTTPS \\# 9 00010000040004c000", nil),
      ("HTTPS \\# 8 0001000003000101", nil),
      ("HTTPS \\# 7 00010000030002", nil),
      ("HTTPS \\# 9 000100000100020268", nil),
      ("HTTPS \\# 9 000100000000020000", nil),
      ("HTTPS \\# 9 000100000100020168", "000100000100020168"),
      ("HTTPS \\# 11 0001000002000000020000", nil),
      ("HTTPS \\# 7 00010000070000", nil),
      ("CNAME \"a\"", nil),
      ("A \"10.0.0.1\"", nil),
      ("DS 1 8 2 AABBC", nil),
      ("DS 1 8 2 AABB", nil),
      ("DS 1 8 1 " + String(repeating: "ab", count: 32), nil),
      ("DS \\# 6 00010802abab", nil),
      ("CDS 1 8 2 00", nil),
      ("SSHFP 1 1 00", nil),
      ("ZONEMD 1 1 1 00", nil),
      ("HTTPS 1 . mandatory=alpn", nil),
      ("HTTPS 1 . mandatory=mandatory alpn=h2", nil),
      ("HTTPS 1 . alpn", nil),
      ("HTTPS 1 . no-default-alpn", nil),
      ("SVCB 1 . mandatory=port alpn=h2", nil),
      ("SSHFP 256 1 aabb", nil),
      ("HTTPS 1 . key6=fd00::1", nil),
      ("HTTPS 1 . port=0", nil),
      ("TYPE65534 0a000001", nil),
      ("TYPE65534 \\# 4 0a00000g", nil),
      ("TYPE65534 \\# 65536 00", nil),
      ("TYPE0 \\# 0", nil),
      ("OPT \\# 0", nil),
      ("TSIG \\# 0", nil),
    ] as [(String, String?)])
  func dataIsConvertedOrRefused(text: String, hex: String?) throws {
    let zone = try load("x \(text)")
    #expect(codes(zone) == (hex == nil ? ["5 zone-syntax"] : []), "\(zone.faults)")
    let data = lines(zone).compactMap { $0.split(separator: " ", omittingEmptySubsequences: false).last }
    #expect(data.map(String.init) == [hex].compactMap(\.self))
  }

  @Test func dataOfTheLargestSizeIsReadAndNoLarger() throws {
    let largest = String(repeating: "ab", count: 65_535)
    let zone = try load("x TYPE65534 \\# 65535 \(largest)")
    // It is read, though no message is large enough for it.
    #expect(codes(zone) == ["5 zone-rrset-too-large"])
    #expect(zone.records.last?.record.rdata.count == 65_535)
    let strings = String(repeating: "\"\(String(repeating: "a", count: 255))\" ", count: 255)
    #expect(codes(try load("x TXT \(strings) \(String(repeating: "a", count: 254))")) == ["5 zone-rrset-too-large"])
    #expect(codes(try load("x TXT \(strings) \(String(repeating: "a", count: 255))")) == ["5 zone-syntax"])
  }
}
