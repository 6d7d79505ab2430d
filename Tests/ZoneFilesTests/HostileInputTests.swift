import DNSWire
import Testing
import ZoneFiles

/// Input that nobody writes: whatever it is, loading ends and says something sensible.
@Suite struct HostileInputTests {
  private static let rich = Array(
    (head + ##"""
      www 1h IN A 10.0.0.1
        AAAA fd00::1
      *.w TXT "a;b(c)\"d" \100 ( "x"
        "y" ) ; comment
      h HTTPS 1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1 ipv6hint=fd00::1 ech=AAAA mandatory=alpn key7=a
      m MX 10 mail
      s SRV 1 2 3 @
      c CAA 0 issue "ca"
      k DNSKEY 256 3 8 AQPSKmyn
      n NSEC a A NS TYPE65534
      p NSEC3 1 0 1 aabb 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A
      r RRSIG A 8 2 60 20300101000000 20200101000000 1 example. AQPSKmyn
      t TLSA 3 1 1 aabb
      e EUI48 00-00-5e-00-53-2a
      l L64 10 2001:0DB8:1140:1000
      w WKS 10.0.0.1 tcp smtp domain 3
      p APL 1:192.168.32.0/21 !1:192.168.38.0/28 2:fd00::/8
      o LOC 42 21 54.5 N 71 06 18 W -24.1m 30m 0.5 9
      i HIP 2 200100107B1A74DF AQID rvs
      q IPSECKEY 10 3 2 gw AQ ID
      r AMTRELAY 10 1 2 fd00::1
      v NSAP 0x47.0005.80
      z A6 61 ::f:2:3:4:5 pre
      y NXT a A NS
      u TYPE65534 \# 4 0a000001
      x A \# 4 0a000001
      $ORIGIN sub
      $TTL 1h
      $INCLUDE b.zone sub
      """##).utf8)

  private func loadBytes(_ octets: [UInt8], limits: ZoneFileLimits = .default) throws -> MasterFile {
    MasterFile.load(path: "a.zone", origin: try DomainName("example."), limits: limits) { path in
      path == "a.zone" ? octets : path == "b.zone" ? Array("b A 10.0.0.1\n".utf8) : nil
    }
  }

  @Test func theFixtureItselfIsSound() throws {
    #expect(codes(try loadBytes(Self.rich)) == [])
  }

  @Test func everyTruncationLoads() throws {
    for length in 0..<Self.rich.count { _ = try loadBytes(Array(Self.rich.prefix(length))) }
  }

  @Test func seededMutationsLoad() throws {
    var random = SplitMix(state: 0x5EED)
    let spice = Array("\0\n\r\t \"\\();@$.0123456789abcdefIN#=,:-\u{7F}\u{E9}".utf8)
    for _ in 0..<3_000 {
      var octets = Self.rich
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 0..<octets.count, using: &random)
        switch UInt8.random(in: 0..<4, using: &random) {
        case 0: octets[index] = spice.randomElement(using: &random) ?? 0
        case 1: octets.insert(spice.randomElement(using: &random) ?? 0, at: index)
        case 2: octets.remove(at: index)
        default:
          let end = min(index + Int.random(in: 1...40, using: &random), octets.count)
          octets.insert(contentsOf: octets[index..<end], at: Int.random(in: 0..<octets.count, using: &random))
        }
      }
      let zone = try loadBytes(octets)
      for entry in zone.records {
        #expect(entry.line >= 1 && entry.record.ttl <= ResourceRecord.maximumTTL)
        #expect(entry.record.rdata.count <= 65_535)
      }
    }
  }

  @Test func binaryJunkIsRefused() throws {
    var random = SplitMix(state: 1)
    for size in [1, 10, 1_000, 100_000] {
      let junk = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
      let zone = try loadBytes(junk)
      #expect(!zone.isUsable)
      #expect(zone.faults.count <= 100)
    }
  }

  @Test(arguments: [
    String(repeating: "a", count: 1 << 20), "x TXT " + String(repeating: "a ", count: 1 << 20),
    "x TXT (" + String(repeating: "(", count: 1 << 20), "x TXT \"" + String(repeating: "a", count: 1 << 20),
    "x NSEC . " + String(repeating: "A ", count: 70_000), "x A \0 10.0.0.1", "x TXT \"\0\"",
    "x DNSKEY 256 3 8 " + String(repeating: "AAAA", count: 22_000),
    "x HTTPS 1 . key7=" + String(repeating: "a", count: 70_000),
    "x NSEC3PARAM 1 0 1 " + String(repeating: "aa", count: 256),
    "x CAA 0 " + String(repeating: "a", count: 256) + " \"x\"",
  ])
  func hugeOrBinaryEntriesAreFaultsAndReadingGoesOn(line: String) throws {
    let zone = try loadBytes(Array((head + line + "\n)\ny A 10.0.0.1\n").utf8))
    let last = zone.records.last
    // An entry that parentheses leave open takes the rest of the file with it.
    if line.contains("(") {
      #expect(codes(zone).first == "5 zone-syntax")
    } else if line.contains("NSEC .") {
      #expect(codes(zone) == ["6 zone-syntax"])
    } else {
      #expect(codes(zone) == ["5 zone-syntax", "6 zone-syntax"])
    }
    #expect(line.contains("(") || last?.line == 7)
  }

  @Test func limitsRefuseRatherThanTruncate() throws {
    var limits = ZoneFileLimits()
    limits.maximumFileSize = 10
    #expect(codes(try loadBytes(Self.rich, limits: limits)) == ["1 zone-file"])
    limits = ZoneFileLimits()
    limits.maximumRecords = 4
    let zone = try loadBytes(Self.rich, limits: limits)
    #expect(codes(zone) == ["6 zone-file"])
  }
}

/// A generator whose numbers a seed fixes (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
