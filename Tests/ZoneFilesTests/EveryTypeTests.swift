import DNSWire
import Foundation
import TestSupport
import Testing
import ZoneFiles

/// Every type that libldns knows, in text.
@Suite struct EveryTypeTests {
  private static let key = "AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=="
  private static let digest = String(repeating: "ab", count: 32)
  private static let signature = "A 8 2 60 20300101000000 20200101000000 1 example. AQPSKmyn"

  /// The data of a record of each type.
  static let samples: [String: String] = [
    "A": "192.0.2.1", "NS": "ns", "MD": "a", "MF": "a", "CNAME": "a.b.", "SOA": "ns1 admin 1 1h 10m 1w 5",
    "MB": "a", "MG": "a", "MR": "a", "WKS": "10.0.0.1 tcp smtp domain 3", "PTR": "a", "HINFO": "PDP-11 \"a b\"",
    "MINFO": "a b", "MX": "10 mail", "TXT": "a \"b c\" \\\"\\200", "RP": "a b", "AFSDB": "1 a",
    "X25": "311061700956", "ISDN": "150862028003217 004", "RT": "2 relay",
    "NSAP": "0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00", "NSAP-PTR": "foo.bar.", "SIG": signature,
    "KEY": "256 3 8 \(key)", "PX": "10 a b", "GPOS": "-32.6882 116.8652 10.0", "AAAA": "2001:db8::1",
    "LOC": "42 21 54.5 N 71 06 18 W -24.1m 30m 0.5 9000000", "NXT": "a A NS TXT NXT", "EID": "e32c6f78163a9348",
    "NIMLOC": "3225 1a3c", "SRV": "1 2 3 a", "ATMA": "39.246f.000e7c9c0312", "NAPTR": "1 2 u s \"!a!b!\" .",
    "KX": "10 a", "CERT": "PKIX 1 RSASHA256 \(key)", "A6": "61 ::f:2:3:4:5 pre", "DNAME": "a", "SINK": "1",
    "APL": "1:192.168.32.0/21 !1:192.168.38.0/28 2:fd00::/8", "DS": "1 8 2 \(digest)",
    "SSHFP": "1 1 " + digest.prefix(40),
    "IPSECKEY": "10 3 2 gw \(key)", "RRSIG": signature, "NSEC": "a A NS TYPE65534", "DNSKEY": "257 3 13 \(key)",
    "DHCID": key, "NSEC3": "1 0 1 aabb 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A", "NSEC3PARAM": "1 0 5 -",
    "TLSA": "3 1 1 \(digest)", "SMIMEA": "3 1 1 \(digest)",
    "HIP": "2 200100107B1A74DF365639CC39F1D578 \(key) rvs rvs2.x.", "TALINK": "a b", "CDS": "1 8 2 \(digest)",
    "CDNSKEY": "257 3 13 \(key)", "OPENPGPKEY": key, "CSYNC": "66 3 A NS",
    "ZONEMD": "1 1 1 \(digest)" + digest.prefix(32),
    "SVCB": "0 foo.", "HTTPS": "1 . alpn=\"h2,h3\" port=8443 ipv6hint=fd00::1", "SPF": "\"v=spf1 -all\"",
    "NID": "10 0014:4fff:ff20:ee64", "L32": "10 10.1.2.0", "L64": "10 2001:0DB8:1140:1000", "LP": "10 a",
    "EUI48": "00-00-5e-00-53-2a", "EUI64": "00-00-5e-ef-10-00-00-2a", "URI": "1 2 \"ftp://x\"",
    "CAA": "0 issue \"ca.example\"", "DLV": "1 8 2 \(digest)",
  ]

  /// Types that no zone holds, and NULL, which has no text (RFC 1035 §3.3.10).
  private static let without: Set<String> = ["OPT", "TKEY", "TSIG", "NULL"]

  @Test func eachHasASample() {
    #expect(Set(LDNSTypes.numbers.keys).subtracting(Self.without) == Set(Self.samples.keys))
  }

  @Test(arguments: samples.sorted { $0.key < $1.key })
  func whatLibldnsPrintsIsReadAsWhatItWasPrintedFrom(type: String, text: String) throws {
    // libldns prints a part of NXT in the form for whole RDATA, and the address format in ATMA; NSAP-PTR it takes
    // for a string.
    guard !["NXT", "ATMA", "NSAP-PTR"].contains(type) else { return }
    let rdata = try rdata(type, text)
    let number = try #require(LDNSTypes.numbers[type])
    let line = try #require(LDNSMessage.answering(with: rdata, of: number).answer.first)
    let printed = line.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false).last ?? ""
    #expect(try self.rdata(type, String(printed)) == rdata, "\(line)")
  }

  @Test(arguments: samples.sorted { $0.key < $1.key })
  func BINDReadsTheSame(type: String, text: String) throws {
    // BIND refuses MD and MF, and has other fields in SINK.
    guard !["MD", "MF", "SINK"].contains(type) else { return }
    let program = try CheckerProgram("named-rrchecker")
    let read = try program.run(["-o", "example.", "-u"], input: "IN \(type) \(text)\n")
    let words = read.output.split { $0.isWhitespace }
    let hex = words.dropFirst(4).joined().lowercased()
    #expect(words.count >= 4 && words[2] == "\\#", "\(read.output)")
    #expect(try rdata(type, text).map { String(format: "%02x", $0) }.joined() == hex)
  }

  private func rdata(_ type: String, _ text: String) throws -> [UInt8] {
    let zone = try load("x \(type) \(text)")
    #expect(zone.faults.filter { $0.code == .syntax } == [])
    return try #require(zone.records.dropFirst(3).last).record.rdata
  }
}

extension LDNSMessage {
  /// What libldns reads of a response with one record of `.`.
  static func answering(with rdata: [UInt8], of type: UInt16) throws -> LDNSMessage {
    let length = UInt16(rdata.count)
    var wire: [UInt8] = [0, 0, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    wire += [0, UInt8(type >> 8), UInt8(type & 0xFF), 0, 1, 0, 0, 0, 60]
    wire += [UInt8(length >> 8), UInt8(length & 0xFF)]
    return try LDNSMessage(wire + rdata)
  }
}
