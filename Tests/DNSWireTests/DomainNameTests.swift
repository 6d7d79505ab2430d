import DNSWire
import Testing

@Suite struct DomainNameTests {
  @Test func textAndWireAreTheSameNameInAnyCase() throws {
    let name = try DomainName("Microsoft.Intra.aibang.LOCAL.")
    #expect(name == (try DomainName("microsoft.intra.aibang.local")))
    #expect(name == (try DomainName(wire: name.wire)))
    #expect(name.description == "microsoft.intra.aibang.local.")
    #expect(name.wire.first == 9 && name.wire.last == 0)
  }

  @Test func escapesGoOutAsTheyCameIn() throws {
    let name = try DomainName(#"a\.b\032c.example"#)
    #expect(name.labels.first.map(Array.init) == Array("a.b c".utf8))
    #expect(name.description == #"a\.b\032c.example."#)
  }

  @Test(arguments: [
    ("", DomainNameError.empty), ("a..b", .emptyLabel), (".a", .emptyLabel), (#"a\25"#, .badEscape),
    (#"a\256"#, .badEscape), (#"a\"#, .badEscape), ("münchen.example", .notASCII),
    (String(repeating: "a", count: 64), .labelTooLong),
    (String(repeating: "abcdefg.", count: 32), .nameTooLong),
  ])
  func badTextIsRefusedByItsFault(text: String, fault: DomainNameError) {
    #expect(throws: fault) { try DomainName(text) }
  }

  @Test func relationsBetweenNamesFollowLabels() throws {
    let apex = try DomainName("aibang.local")
    #expect(try DomainName("x.aibang.local").isAtOrBelow(apex))
    #expect(apex.isAtOrBelow(apex) && apex.isAtOrBelow(.root))
    #expect(!(try DomainName("xaibang.local").isAtOrBelow(apex)))
    #expect(try DomainName("x.aibang.local").parent == apex)
    #expect(DomainName.root.parent == nil)
  }

  @Test func hostnamesAreLettersDigitsHyphensAndNoAddress() throws {
    #expect(try DomainName("a-1.example").isHostname)
    for text in ["a_b.example", "-a.example", "a-.example", "10.0.0.1", "*.example"] {
      #expect(!(try DomainName(text).isHostname), "\(text)")
    }
  }

  @Test func namesSortCanonically() throws {
    // The example of RFC 4034 §6.1.
    let sorted = [
      "example", "a.example", "yljkjljk.a.example", "z.a.example", "zabc.a.example", "z.example",
      #"\001.z.example"#, "*.z.example", #"\200.z.example"#,
    ].compactMap { try? DomainName($0) }
    #expect(sorted.count == 9)
    #expect(sorted.shuffled().sorted() == sorted)
  }
}
