import SteeringPolicy
import Testing

@Suite struct DiagnosticFixtureTests {
  /// Codes without a fixture here, because something else reports them.
  static let elsewhere: Set<DiagnosticCode> = [
    .tiedPriority, .shadowedRule, .subjectSelectsNothing, .podsInIPBlock, .podsTrusted, .fileUnreadable,
    .nothingToLoad,
    .zoneFile, .zoneSyntax, .zoneInclude, .zoneWithoutSOA, .zoneSeveralSOA, .zoneWithoutNS, .zoneOutside,
    .zoneCNAMEConflict, .zoneTTLMismatch, .zoneClass, .zoneClash, .zoneNameservers,
    .zoneSeveralDNAME, .zoneBelowDNAME, .zoneDNAMEDelegation, .zoneRRsetTooLarge, .zoneMissingGlue,
    .zoneNSWithoutAddress, .zoneAliasTarget,
    // Hostnames have no underscore, so none can be a reserved one.
    .reservedName,
    // Of the key file, which is no policy: `KeyFileTests` has them, and those of the command.
    .weakKey, .keyFilePermissions, .transferKeyMissing,
    // Of a live cluster, which no file is: `LiveInventoryTests` has it.
    .inventoryTwice,
    // A fixture would have 16 MiB; `HostileInputTests` makes one instead.
    .fileTooLarge, .unservableRoute,
  ]

  @Test(arguments: Fixture.codes)
  func eachFixtureHasItsFaultAndNoOther(code: String) throws {
    let file = try Fixture.file(code + ".yaml")
    let expected = file.text.prefix { $0 != "\n" }
    let (policy, diagnostics) = PolicyLoader.load([file])
    let found = diagnostics.map {
      "# expect: \($0.location.line):\($0.location.column) \($0.severity.rawValue) \($0.code.rawValue)"
    }
    #expect(found == [String(expected)], "\(diagnostics.map(\.description).joined(separator: "\n"))")
    #expect(expected.hasSuffix(" " + code))
    #expect((policy == nil) == diagnostics.hasErrors)
  }

  @Test func everyCodeHasAFixture() {
    let codes = Set(DiagnosticCode.allCases).subtracting(Self.elsewhere)
    #expect(Set(Fixture.codes) == Set(codes.map(\.rawValue)))
  }
}
