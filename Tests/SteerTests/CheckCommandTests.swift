import Foundation
import Testing

/// The policy with ten mistakes.
enum Mistakes {
  static let path = Bundle.module.bundleURL.appending(path: "Fixtures/ten-mistakes").path

  /// Line, column and code of each.
  static let all: [(line: Int, column: Int, code: String)] = [
    (7, 15, "invalid-value"), (8, 8, "invalid-duration"), (14, 15, "hostname-outside-zone"),
    (16, 36, "unknown-service"), (17, 17, "invalid-port"), (18, 3, "unknown-field"), (26, 23, "invalid-cidr"),
    (28, 40, "unknown-route"), (34, 14, "invalid-address"), (38, 7, "unknown-kind"),
  ]
}

/// `steer check` and `steer check-zone`.
@Suite struct CheckCommandTests {
  /// What `--output json` says.
  private struct Report: Decodable {
    struct Finding: Decodable {
      var file: String
      var line: Int
      var column: Int
      var severity: String
      var code: String
      var message: String
    }

    var ok: Bool
    var diagnostics: [Finding]
    var generation: String?
    var routes: Int?
    var records: Int?
  }

  private func report(_ finished: Finished) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(finished.output.utf8))
  }

  @Test func everyMistakeIsShownWithItsPlace() async throws {
    let check = try await Steer.run("check", Mistakes.path)
    #expect(check.status == 1)
    for mistake in Mistakes.all {
      let place = "\(Mistakes.path)/policy.yaml:\(mistake.line):\(mistake.column): error: "
      #expect(check.lines.contains { $0.hasPrefix(place) && $0.hasSuffix("[\(mistake.code)]") }, "\(mistake)")
    }
    #expect(check.lines.last == "refused: 10 errors, 0 warnings", "\(check.output)")
    #expect(check.lines.count == 11)
  }

  @Test func everyMistakeIsInTheJSON() async throws {
    let check = try await Steer.run("check", Mistakes.path, "--output", "json")
    #expect(check.status == 1)
    let report = try report(check)
    #expect(!report.ok && report.generation == nil)
    #expect(report.diagnostics.map(\.line) == Mistakes.all.map(\.line))
    #expect(report.diagnostics.map(\.column) == Mistakes.all.map(\.column))
    #expect(report.diagnostics.map(\.code) == Mistakes.all.map(\.code))
    #expect(report.diagnostics.allSatisfy { $0.severity == "error" && !$0.message.isEmpty })
  }

  @Test func aGoodPolicyIsSummedUp() async throws {
    let check = try await Steer.run("check", WorkingFolder.zones.path)
    #expect(check.status == 0)
    #expect(check.output.hasPrefix("ok: zones 2, routes 2, views 3, pod addresses 4; 0 errors, 0 warnings; digest "))
    let report = try report(try await Steer.run("check", WorkingFolder.zones.path, "--output", "json"))
    #expect(report.ok && report.diagnostics.isEmpty && report.routes == 2 && report.generation?.count == 64)
  }

  @Test func aGoodZoneFileIsSummedUp() async throws {
    let file = WorkingFolder.zones.appending(path: "intra.aibang.local.zone").path
    let check = try await Steer.run("check-zone", "intra.aibang.local", file)
    #expect(check.status == 0)
    #expect(check.output == "ok: intra.aibang.local. records 6; 0 errors, 0 warnings\n")
  }

  @Test func aBadZoneFileIsRefusedWithEveryFault() async throws {
    let folder = try WorkingFolder(copying: WorkingFolder.zones)
    let file = folder.path(of: "intra.aibang.local.zone")
    try folder.replace("IN A    10.96.77.10", with: "IN A    10.96.77.999", in: "intra.aibang.local.zone")
    try folder.replace("www.status  IN CNAME", with: "www.example.com. IN CNAME", in: "intra.aibang.local.zone")
    let check = try await Steer.run("check-zone", "intra.aibang.local", file)
    #expect(check.status == 1)
    #expect(check.lines.contains { $0.hasPrefix("\(file):10:1: error: ") && $0.hasSuffix("[zone-syntax]") })
    #expect(check.lines.contains { $0.hasPrefix("\(file):13:1: error: ") && $0.hasSuffix("[zone-outside]") })
    #expect(check.lines.last?.hasPrefix("refused: ") == true)
    let report = try report(try await Steer.run("check-zone", "intra.aibang.local", file, "--output", "json"))
    #expect(!report.ok && report.diagnostics.map(\.code).sorted() == ["zone-outside", "zone-syntax"])
    let origin = try await Steer.run("check-zone", "intra..local", file)
    #expect(origin.status == 64 && origin.errors.contains("'intra..local' is not a domain name"))
  }
}
