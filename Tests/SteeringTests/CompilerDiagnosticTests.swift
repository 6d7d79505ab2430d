import Control
import Foundation
import SteeringPolicy
import Testing

/// Findings that only compiling and reading zone files can make; each has a folder named after its code.
@Suite struct CompilerDiagnosticTests {
  private static let folder = Bundle.module.resourceURL?.appendingPathComponent("Fixtures")

  private static var names: [String] {
    let names = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
    return names.filter { $0 != "common" }.sorted()
  }

  @Test(arguments: names)
  func aFixtureHasItsFaultAndNoOther(name: String) throws {
    let folder = try #require(Self.folder)
    let fixture = folder.appendingPathComponent(name)
    let head = ["policy.yaml", "expect.txt"].compactMap {
      try? String(contentsOf: fixture.appendingPathComponent($0), encoding: .utf8)
    }.first
    let expected = try #require(head?.split(separator: "\n").first?.dropFirst("# expect: ".count))
    let isPolicy = name != "nothing-to-load" && name != "file-unreadable"
    let paths = [fixture.path] + (isPolicy ? [folder.appendingPathComponent("common").path] : [])
    let loaded = SnapshotLoader.load(paths, serial: 1)
    let findings = loaded.diagnostics.filter { isPolicy || $0.code != .noZone }.map { finding in
      let file = (finding.location.file as NSString).lastPathComponent
      return "\(finding.code.rawValue) \(file):\(finding.location.line):\(finding.location.column)"
    }
    #expect(findings == [String(expected)])
    #expect((loaded.snapshot == nil) == loaded.diagnostics.hasErrors)
  }

  @Test func everyCodeThatIsNotThePolicyReadersHasAFixture() {
    let own: [DiagnosticCode] = [
      .tiedPriority, .shadowedRule, .subjectSelectsNothing, .podsInIPBlock, .podsTrusted, .fileUnreadable,
      .nothingToLoad,
      .reservedName,
    ]
    let codes = own.map(\.rawValue) + DiagnosticCode.allCases.map(\.rawValue).filter { $0.hasPrefix("zone-") }
    for code in codes { #expect(Self.names.contains(code), "\(code)") }
  }
}
