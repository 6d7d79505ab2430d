import DNSWire
import Forwarders
import Testing

@Suite struct CorefileHostileTests {
  private func codes(_ text: String) -> [CorefileFindingCode] {
    CorefileChecker().check(text, path: "f").findings.map(\.code)
  }

  @Test(arguments: [
    "a {", "a", "}", "a { } }", "a,", "a{", "a { {", "\"a", "(x) { }\n(x) { }", "import", "a { errors }", "a..b { }",
    "a:70000 { }", "a:x { }", "a {\n forward . 1.1.1.1 {\n}", "(x) {\n}\nimport x\n",
  ])
  func whatIsNoCorefileIsASyntaxError(text: String) {
    #expect(codes(text) == [.corefileSyntax])
  }

  @Test(arguments: [
    "", "# only a comment", "(x) { }", "dns://.:53 { }", ":5353 { }", "10.0.0.0/24 fd00::/8 { }",
    "{$ZONES} {\n errors\n}",
    "a.example:53, b.example {\n}", "a.example {\n view x {\n expr type() in ['A']\n }\n}", "import conf.d/*.server",
    "a { }", "\"a.example\" {\n}",
  ])
  func whatCoreDNSTakesIsNone(text: String) {
    #expect(!codes(text).contains(.corefileSyntax))
  }

  @Test func deepAndLongInputEnds() {
    let deep = String(repeating: "a {\n", count: 100_000)
    #expect(codes(deep) == [.corefileSyntax])
    #expect(codes(String(repeating: "a ", count: 400_000)) == [.corefileSyntax])
    #expect(codes("a.example {\n" + String(repeating: "x\n", count: 90_000) + "}") == [.stubMissing])
    #expect(codes("kind: " + String(repeating: "[", count: 200_000)) == [.corefileSyntax])
    let twice = (1...30).map { "(s\($0)) {\n import s\($0 - 1)\n import s\($0 - 1)\n}\n" }.joined()
    #expect(codes("(s0) {\n errors\n}\n" + twice) == [.corefileSyntax])
  }

  @Test func manyZonesAndFindingsEnd() {
    let zones = (0..<500).map { "z\($0).example" }.joined(separator: " ")
    let rules = String(repeating: "rewrite edns0 local append 1 x\n", count: 2000)
    let report = CorefileChecker().check("\(zones) {\n\(rules)}", path: "f")
    #expect(report.findings.count == 1000)
    #expect(codes("\(zones) more.example {\n}") == [.corefileSyntax])
  }

  @Test func manyAddressesEnd() {
    let addresses = (0..<200).map { "eth\($0)" }.joined(separator: " ")
    let keys = { (name: String) in (1...240).map { "\(name):\($0 + 100)" }.joined(separator: " ") }
    let text = "\(keys(".")) {\n bind \(addresses)\n}\n\(keys("a.example")) {\n bind \(addresses)\n}\n"
    let check = CorefileChecker(.init(apexes: [try? DomainName("a.example")].compactMap { $0 }))
    #expect(check.check(text, path: "f").findings.count > 1)
  }

  /// Nothing that a file can hold may trap.
  @Test func seededNoiseNeverTraps() {
    var random = Noise(state: 0x5EED)
    let words = [
      "intra.aibang.local", "{", "}", "\n", "\n", " ", " ", "\"", "#", "\\", "rewrite", "edns0", "local", "subnet",
      "set",
      "unset", "continue", "0xffee", "{client_ip}", "revert", "forward", ".", "10.0.0.1:53", "[::1", "cache", "view",
      "import", "(x)", ",", ":", "//", "dns://", "template", "ANY", "kind: ConfigMap\n", "data:\n  Corefile: |\n    ",
      "\u{0}", "é", "\u{FEFF}", "\r", "32", "-1", "99999999999999999999",
    ]
    for _ in 0..<3000 {
      let count = Int(random.next() % 60)
      let text = (0..<count).map { _ in
        (random.next() % 4 == 0 ? "" : " ") + words[Int(random.next() % UInt64(words.count))]
      }.joined()
      _ = codes(text)
      let octets = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      _ = codes(String(decoding: octets, as: UTF8.self))
    }
  }

  /// SplitMix64: the same noise each time.
  private struct Noise {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }
}
