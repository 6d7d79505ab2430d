import DNSWire
import Foundation
import Testing
import ZoneFiles

/// The types whose text Steer reads without libldns; the octets are those that BIND's `named-rrchecker` gives.
@Suite struct RecordFormTests {
  private static let longName = String(repeating: "a", count: 63)

  @Test(
    arguments: [
      ("WKS 10.0.0.1 tcp smtp domain 3", "0a0000010610000040000004"),
      ("WKS 10.0.0.1 UDP", "0a00000111"),
      ("WKS 10.0.0.1 255 65535", "0a000001ff" + String(repeating: "00", count: 8_191) + "01"),
      ("WKS 10.0.0.1 tcp 25 smtp", "0a0000010600000040"),
      ("NSAP 0x47.0005.80", "47000580"),
      ("NSAP-PTR foo.bar.", "03666f6f0362617200"),
      ("ATMA 39.246f.000e7c9c0312", "0039246f000e7c9c0312"),
      ("ATMA +61.200000000", "013631323030303030303030"),
      ("NXT a A NS TXT NXT", "0161076578616d706c650060008002"),
      ("A6 0 2001:db8::1", "0020010db8000000000000000000000001"),
      ("A6 61 ::f:2:3:4:5 pre", "3d07000200030004000503707265076578616d706c6500"),
      ("A6 128 pre", "8003707265076578616d706c6500"),
      ("APL", ""),
      ("APL 1:192.168.32.0/21 !1:192.168.38.0/28 2:fd00::/8", "00011503c0a82000011c83c0a82600020801fd"),
      ("APL 1:0.0.0.0/0 2:::ffff:10.0.0.1/128", "00010000" + "00028010" + "00000000000000000000ffff0a000001"),
      ("LOC 42 21 54 N 71 06 18 W -24m 30m", "0033161389172dd070be15f000988d20"),
      ("LOC 32 7 19 S 116 2 25 E 10m 12.34 0.5", "00135113791b7d2898e6486800989a68"),
      ("LOC 52 n 4 e 0", "001216138b28720080dbba0000989680"),
      ("LOC 90 S 180 W -100000.00 90000000M 0 0.01", "009900106cb02700" + "59604e00" + "00000000"),
      ("LOC 89 59 59.999 N 179 59 59.999 E 42849672.95", "00121613934fd8ffa69fb1ffffffffff"),
      ("HIP 2 2001 AQID rvs", "02020003200101020303727673076578616d706c6500"),
      ("HIP 2 2001 AQID", "020200032001010203"),
      ("IPSECKEY 10 0 2 . AQID", "0a0002010203"),
      ("IPSECKEY 10 0 0 .", "0a0000"),
      ("IPSECKEY 10 1 2 192.0.2.38 AQ ID", "0a0102c0000226010203"),
      ("IPSECKEY 10 2 2 2001:db8::1 AQID", "0a020220010db8000000000000000000000001010203"),
      ("IPSECKEY 10 3 2 gw AQID", "0a0302026777076578616d706c6500010203"),
      ("AMTRELAY 10 0 0 .", "0a00"),
      ("AMTRELAY 10 0 1 192.0.2.1", "0a01c0000201"),
      ("AMTRELAY 10 1 2 ::ffff:10.0.0.1", "0a8200000000000000000000ffff0a000001"),
      ("TYPE260 10 1 3 relay", "0a830572656c6179076578616d706c6500"),
    ] as [(String, String)])
  func textIsRead(text: String, hex: String) throws {
    let zone = try load("x \(text)")
    #expect(codes(zone) == [])
    #expect(data(zone) == hex)
    // The form for unknown types stands for the same octets (RFC 3597 §5).
    let type = try #require(text.split(separator: " ").first)
    #expect(data(try load("x \(type) \\# \(hex.utf8.count / 2) \(hex)")) == hex)
  }

  @Test(arguments: [
    "WKS", "WKS 10.0.0.1", "WKS ::1 tcp", "WKS 10.0.0 tcp", "WKS 10.0.0.1 256", "WKS 10.0.0.1 tcp 65536",
    "WKS 10.0.0.1 tcp -1", "WKS 10.0.0.1 nonsense", "WKS 10.0.0.1 tcp nonsense", "WKS 10.0.0.1 \"tcp\"",
    "WKS \\# 4 0a000001", "NSAP", "NSAP 4700", "NSAP 0x", "NSAP 0x470", "NSAP 0x47g0", "NSAP 0x47 00", "NSAP \\# 0",
    "NSAP-PTR", "NSAP-PTR a b", "NSAP-PTR \"a\"", "NSAP-PTR \\# 4 03616263", "ATMA", "ATMA +", "ATMA +1a", "ATMA 393",
    "ATMA .", "ATMA \\# 1 00", "ATMA \\# 2 0230", "ATMA \\# 2 0141", "NXT", "NXT a", "NXT a TYPE128",
    "NXT a NONSENSE",
    "NXT \\# 3 016100", "NXT \\# 4 01610080", "NXT \\# 4 01610000", "A6", "A6 129 a", "A6 0", "A6 0 10.0.0.1",
    "A6 64 ::1", "A6 128", "A6 0 ::1 a", "A6 128 ::1 a", "A6 \\# 1 00", "A6 \\# 2 8101", "A6 \\# 3 7f0200",
    "APL 10.0.0.0/8", "APL 1:10.0.0.0", "APL 1:10.0.0.0/33", "APL 1:10.0.0.0/", "APL 1:/8", "APL 2:fd00::/129",
    "APL 3:10.0.0.0/8", "APL 1:fd00::/8", "APL 2:10.0.0.0/8", "APL !!1:10.0.0.0/8", "APL 11:10.0.0.0/8",
    "APL 1:10.0.0.0/8/8", "APL ! 1:10.0.0.0/8", "APL \\# 3 000108", "APL \\# 5 000108020a", "APL \\# 6 000108020a00",
    "APL \\# 5 000121010a", "APL \\# 9 000120050102030405", "LOC", "LOC N 4 E 0", "LOC 52 N 4 E", "LOC 91 N 4 E 0",
    "LOC 90 0 0.001 N 4 E 0", "LOC 52 60 N 4 E 0", "LOC 52 0 60 N 4 E 0", "LOC 52 0 1.2345 N 4 E 0",
    "LOC 52 0 1. N 4 E 0", "LOC 52 0 .5 N 4 E 0", "LOC 52 0 0 0 N 4 E 0", "LOC -52 N 4 E 0", "LOC 52 E 4 N 0",
    "LOC 52 N 181 E 0", "LOC 52 N 4 E m", "LOC 52 N 4 E -", "LOC 52 N 4 E 1e5", "LOC 52 N 4 E -100000.01",
    "LOC 52 N 4 E 42849672.96", "LOC 52 N 4 E 4294967296000", "LOC 52 N 4 E 0 90000000.01", "LOC 52 N 4 E 0 -1",
    "LOC 52 N 4 E 0 1 1 1 1", "LOC 52 N 4 E 0.001", "LOC \\# 15 0012161389172dd070be15f000988d",
    "LOC \\# 16 0133161389172dd070be15f000988d20", "LOC \\# 16 00a3161389172dd070be15f000988d20",
    "LOC \\# 16 003316139350d00170be15f000988d20", "HIP", "HIP 2 2001", "HIP 256 2001 AQID", "HIP 2 200 AQID",
    "HIP 2 2001 AQI", "HIP 2 2001 A=ID", "HIP 2 2001 AQIE=", "HIP 2 2001 =", "HIP 2 2001 AQID a..b",
    "HIP \\# 4 00020003", "HIP \\# 9 020200042001010203", "HIP \\# 11 0202000320010102030161", "IPSECKEY 10 1 2",
    "IPSECKEY 10 0 2 .", "IPSECKEY 10 0 0 . AQID", "IPSECKEY 10 0 2 192.0.2.1 AQID", "IPSECKEY 10 1 2 . AQID",
    "IPSECKEY 10 1 2 fd00::1 AQID", "IPSECKEY 10 2 2 192.0.2.1 AQID", "IPSECKEY 10 4 2 . AQID",
    "IPSECKEY 256 0 2 . AQID", "IPSECKEY 10 0 2 . AQI", "IPSECKEY 10 3 2 \"gw\" AQID", "IPSECKEY \\# 3 0a0002",
    "IPSECKEY \\# 6 0a0102c00002", "IPSECKEY \\# 7 0a030201610102", "IPSECKEY \\# 4 0a040201", "AMTRELAY 10 0",
    "AMTRELAY 10 2 0 .", "AMTRELAY 10 0 4 .", "AMTRELAY 10 0 0 a", "AMTRELAY 10 0 1 a", "AMTRELAY 10 0 0 . .",
    "AMTRELAY 10 0 3 .. ", "AMTRELAY \\# 1 0a", "AMTRELAY \\# 3 0a0001", "AMTRELAY \\# 3 0a0400",
    "AMTRELAY \\# 4 0a0303aa",
  ])
  func whatDoesNotFitIsRefused(text: String) throws {
    #expect(codes(try load("x \(text)\ny A 10.0.0.1")) == ["5 zone-syntax"])
  }

  @Test func dataBuiltOfManyWordsIsNoLongerThanDataMayBe() throws {
    let origin = "$ORIGIN " + [Self.longName, Self.longName, Self.longName].joined(separator: ".") + ".example.\n"
    let server = 3 * 64 + 9
    let fits = (65_535 - 9) / (server + 2)
    let zone = try load(origin + "x HIP 2 2001 AQID" + String(repeating: " a", count: fits))
    #expect(codes(zone) == ["6 zone-rrset-too-large"])
    #expect(zone.records.last?.record.rdata.count == 9 + fits * (server + 2))
    #expect(
      codes(try load(origin + "x HIP 2 2001 AQID" + String(repeating: " a", count: fits + 1))) == ["6 zone-syntax"])
  }

  @Test func base64OfTheLargestSizeIsReadAndNoLarger() throws {
    let most = Data(repeating: 0xAB, count: 65_535).base64EncodedString()
    #expect(try load("x OPENPGPKEY \(most)").records.last?.record.rdata == [UInt8](repeating: 0xAB, count: 65_535))
    let more = Data(repeating: 0xAB, count: 65_536).base64EncodedString()
    #expect(codes(try load("x OPENPGPKEY \(more)")) == ["5 zone-syntax"])
  }

  @Test(
    arguments: [
      ("AQ==", "01"), ("AQI=", "0102"), ("AQID", "010203"), ("+/+/", "fbffbf"), ("AQ", nil), ("AQ=", nil),
      ("AQI", nil), ("A===", nil), ("====", nil), ("AR==", nil), ("AQJ=", nil), ("AQ==AQID", nil), ("AQ-D", nil),
    ] as [(String, String?)])
  func base64IsReadWhereItIsExact(text: String, hex: String?) throws {
    let zone = try load("x OPENPGPKEY \(text)")
    #expect(codes(zone) == (hex == nil ? ["5 zone-syntax"] : []))
    #expect(hex == nil || data(zone) == hex)
  }

  private func data(_ zone: MasterFile) -> String? {
    lines(zone).last?.split(separator: " ", omittingEmptySubsequences: false).last.map(String.init)
  }
}
