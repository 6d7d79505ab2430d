import DNSWire
import Foundation
import Testing
import ZoneFiles

/// What Steer and the checkers of three other servers say of every faulty zone, against `ZoneVerdicts.md`.
@Suite struct ZoneVerdictTests {
  /// What a checker says of a zone.
  private enum Verdict: String {
    case accepts, warns, refuses
  }

  private static let page = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/steer/Documentation.docc/ZoneVerdicts.md").standardized

  @Test func theTableIsWhatTheProgramsSay() throws {
    let folder = try #require(fixtures)
    let rows = try FaultyZoneTests.names.map { file in
      let zone = load(folder.appending(path: file), origin: try DomainName("example."))
      let own: Verdict = !zone.isUsable ? .refuses : zone.faults.isEmpty ? .accepts : .warns
      let others = try Self.checkers.map { try $0.verdict(of: file, in: folder) }
      let codes = Set(zone.faults.map { "`\($0.code.rawValue)`" }).sorted().joined(separator: ", ")
      let verdicts = ([own] + others).map(\.rawValue).joined(separator: " | ")
      return "| `\(file.dropLast(".zone".count))` | \(codes) | \(verdicts) |"
    }
    let recorded = try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("| `") }.map(String.init)
    #expect(rows == recorded, "\(Self.page.path) should have:\n\(rows.joined(separator: "\n"))\n")
  }

  /// A program that checks master files, and what its output means.
  private struct Checker {
    var program: String
    var arguments: [String]
    var judge: @Sendable (_ status: Int32, _ output: String) -> Verdict

    func verdict(of file: String, in folder: URL) throws -> Verdict {
      let run = try CheckerProgram(program).run(arguments + [file], in: folder)
      return judge(run.status, run.output)
    }
  }

  private static let checkers = [
    // By itself it would look up in the DNS what lies outside the zone.
    Checker(program: "named-checkzone", arguments: ["-i", "local", "example."]) { status, output in
      if status != 0 { return .refuses }
      let isQuiet = output.split(separator: "\n").allSatisfy { $0 == "OK" || $0.contains(": loaded serial ") }
      return isQuiet ? .accepts : .warns
    },
    Checker(program: "kzonecheck", arguments: ["-o", "example."]) { status, output in
      if status == 0 { return output.isEmpty ? .accepts : .warns }
      // The server loads a zone with faults that are not serious, of which there is a summary too.
      let isServed = output.contains("Error summary") && !output.contains("Serious semantic error")
      return isServed ? .warns : .refuses
    },
    Checker(program: "nsd-checkzone", arguments: ["example."]) { status, output in
      if status != 0 { return .refuses }
      return output == "zone example. is ok\n" ? .accepts : .warns
    },
  ]
}
