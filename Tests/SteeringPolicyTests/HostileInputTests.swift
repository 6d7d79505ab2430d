import SteeringPolicy
import Testing

@Suite struct HostileInputTests {
  private func codes(_ text: String) -> Set<DiagnosticCode> {
    let (policy, diagnostics) = PolicyLoader.load([Fixture.zone, PolicyFile(path: "x", text: text)])
    #expect((policy == nil) == diagnostics.hasErrors)
    return Set(diagnostics.map(\.code))
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "? - "])
  func deepNestingIsRefused(opening: String) {
    #expect(codes(String(repeating: opening, count: 100_000)) == [.syntax])
  }

  @Test(arguments: ["[", "- "])
  func nestingThatTheParserAcceptsIsOfTheWrongType(opening: String) {
    #expect(
      codes(
        String(repeating: opening, count: 900) + (opening == "[" ? String(repeating: "]", count: 900) : "x"))
        == [.wrongType])
  }

  @Test func hugeFilesAreRefused() {
    #expect(codes(String(repeating: "#", count: 16 << 20) + "\n") == [.fileTooLarge])
  }

  @Test func aliasesAreRefusedBeforeTheyMultiply() {
    var text = "a0: &a0 [x, x]\n"
    for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    #expect(codes(text + "? *a40\n: x\n") == [.syntax])
    #expect(codes("{a: &a x, \"b\":*a}") == [.syntax])
    let found = PolicyLoader.load([Fixture.zone, PolicyFile(path: "x", text: "a: &é x\nb: é*a\nc:  *a\n")])
    #expect(found.diagnostics.allSatisfy { $0.severity == .error })
  }

  @Test func textThatOnlyLooksLikeAliasesIsRead() {
    let text = """
      apiVersion: v1
      kind: Namespace
      metadata: {name: a, annotations: {x: "curl 'h?a=1&b=2' && ls *b & wait", y: "*.x"}}
      """
    #expect(codes(text) == [])
  }

  @Test(arguments: [
    "\u{0}\u{1}\u{2}", "\u{7F}ELF\u{0}", "\"\\uD800\"", "%YAML 9.9\n---\nx", "!<x y", "@", "`", "\t\t-",
    "a\u{0}b",
    "{[a, b]: c}", "? {a: b}\n: c", "1: 2", "!!binary x", "...\n...\n", "--- x\n--- y", "a: &a\n", "*a",
    "key: |\n\tx",
    "\u{FEFF}x", "\u{2028}: \u{85}", "{a: b, a: c}", "<<: [1]", "!!int x", "!!null x", "kind: [x]",
    "kind: 1\napiVersion: 2", "apiVersion: v1\nkind: List\nitems: x",
    "apiVersion: v1\nkind: List\nitems: [1]",
  ])
  func junkIsAFindingAndNotACrash(text: String) {
    #expect(text == "...\n...\n" || !codes(text).isEmpty)
  }

  @Test(arguments: ["", "\n\n", "# nothing\n", "---\n---\n", "null\n", "~", "\u{FEFF}", "---\r\n---\r\n"])
  func emptyFilesAreFine(text: String) {
    #expect(codes(text) == [])
  }

  @Test func everyTruncationOfAValidPolicyIsSurvived() throws {
    let text = try Fixture.file("valid/policy.yaml").text
    for length in stride(from: 0, to: text.count, by: 7) { _ = codes(String(text.prefix(length))) }
  }

  @Test func everyOctetOfAValidPolicyMayBeJunk() throws {
    let octets = Array(try Fixture.file("valid/policy.yaml").text.utf8)
    let junk: [UInt8] = [0x00, 0x22, 0x2D, 0x3A, 0x5B, 0x7D, 0xFF]
    for index in stride(from: 0, to: octets.count, by: 5) {
      var broken = octets
      broken[index] = junk[index % junk.count]
      _ = codes(String(decoding: broken, as: UTF8.self))
    }
  }

  @Test func placesCountLinesOfTheWholeFile() {
    let text =
      "# a\r\n---\r\n# b\r\napiVersion: v1\r\nkind: Namespace\r\nmetadata: {name: a}\r\n---\r\na: [\r\n---\r\nx\r\n"
    let found = PolicyLoader.load([Fixture.zone, PolicyFile(path: "x", text: text)]).diagnostics
    #expect(found.map { "\($0.location) \($0.code.rawValue)" } == ["x:9:1 syntax", "x:10:1 wrong-type"])
  }
}
