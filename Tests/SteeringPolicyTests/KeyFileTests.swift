import DNSWire
import SteeringPolicy
import Testing

@Suite struct KeyFileTests {
  private static let secret = "c2VjcmV0IG9mIHRlYW0tYSwgMzIgb2N0ZXRzIGxvbmc="

  private func load(_ text: String) -> (keys: [TransferKey]?, diagnostics: [Diagnostic]) {
    KeyFile.load(PolicyFile(path: "keys.yaml", text: text))
  }

  @Test(arguments: TransferKey.Algorithm.allCases)
  func aKeyHasNameAlgorithmAndSecret(algorithm: TransferKey.Algorithm) throws {
    let loaded = load("keys:\n- {name: A.secondary., algorithm: \(algorithm.rawValue), secret: \(Self.secret)}\n")
    let key = try #require(loaded.keys?.first)
    #expect(try key.name == DomainName("a.secondary"))
    #expect(key.secret == Array("secret of team-a, 32 octets long".utf8))
    #expect(loaded.diagnostics.map(\.code) == (algorithm == .hmacSHA256 ? [] : [.weakKey]))
  }

  @Test(arguments: [
    ("YWJj", "abc"), ("YWI=", "ab"), ("YQ==", "a"), ("+/+/", "\u{FB}\u{FF}\u{BF}"),
  ])
  func secretsAreBase64(text: String, start: String) throws {
    // 16 octets before it, so that the secret is long enough.
    let loaded = load(
      "keys: [{name: a, algorithm: hmac-sha256, secret: \"\(String(repeating: "QUFB", count: 6))\(text)\"}]")
    let octets = try #require(loaded.keys?.first?.secret.dropFirst(18))
    #expect(Array(octets) == start.unicodeScalars.map { UInt8($0.value) })
  }

  @Test(
    arguments: [
      ("", [DiagnosticCode.syntax]), ("a: b: c", [.syntax]), ("keys: []\n---\nkeys: []", [.syntax]),
      ("- x", [.wrongType]), ("{}", [.missingField]), ("keys: x", [.wrongType]), ("keys: [x]", [.wrongType]),
      ("keys: [{name: a, algorithm: hmac-sha256}]", [.missingField]),
      ("keys: [{name: a, algorithm: hmac-md5, secret: SECRET}]", [.invalidValue]),
      ("keys: [{name: a..b, algorithm: hmac-sha256, secret: SECRET}]", [.invalidDNSName]),
      ("keys: [{name: SECRET=, algorithm: hmac-sha256, secret: SECRET, secrets: SECRET}]", [.unknownField]),
      ("keys: [{name: a, algorithm: hmac-sha256, secret: SECRET, SECRET: x}]", [.unknownField]),
      ("keys: [{name: a, algorithm: hmac-sha256, secret: [SECRET]}]", [.invalidValue]),
      ("keys: [{name: a, algorithm: hmac-sha256, secret: SECRE}]", [.invalidValue]),
      ("keys: [{name: a, algorithm: hmac-sha256, secret: YWJj}]", [.invalidValue]),
      ("keys: [{name: a, algorithm: hmac-sha256, secret: 123456789012345678901234567890}]", [.invalidValue]),
      (
        "keys: [{name: a, algorithm: hmac-sha256, secret: SECRET}, {name: A., algorithm: hmac-sha256, secret: SECRET}]",
        [.duplicateName]
      ),
      ("keys: [{name: a, SECRET}]", [.missingField, .missingField, .unknownField]),
      ("keys: [{SECRET: 1, SECRET: 2}]", [.syntax]),
      ("keys: [{name: a, secret: \"SECRET}]", [.syntax]),
    ] as [(String, [DiagnosticCode])])
  func faultsAreFoundAndNoneTellsASecret(text: String, codes: [DiagnosticCode]) {
    let loaded = load(text.replacing("SECRET", with: Self.secret))
    #expect(Set(loaded.diagnostics.map(\.code)) == Set(codes), "\(loaded.diagnostics)")
    #expect(loaded.keys == nil)
    for diagnostic in loaded.diagnostics {
      #expect(!diagnostic.description.contains(Self.secret.prefix(8)), "\(diagnostic)")
      #expect(!diagnostic.description.contains("12345"), "\(diagnostic)")
      #expect(diagnostic.location.file == "keys.yaml")
    }
  }

  @Test func aKeyDoesNotShowItsSecret() throws {
    let key = TransferKey(name: try DomainName("a.secondary"), algorithm: .hmacSHA256, secret: [0x53, 0x45, 0x43])
    var dumped = ""
    dump(key, to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped, "\([key])"] {
      #expect(!text.contains("83") && !text.contains("SEC"), "\(text)")
      #expect(text.contains("a.secondary"))
    }
  }
}
