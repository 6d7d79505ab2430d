import Control
import Foundation
import SteeringPolicy
import TestSupport
import Testing

@Suite struct PolicyFilesTests {
  private func codes(_ files: [String: [UInt8]]) throws -> [DiagnosticCode] {
    try TemporaryFolder.with { folder in
      for (name, content) in files {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: file)
      }
      return SnapshotLoader.load([folder.path], serial: 1).diagnostics.map(\.code)
    }
  }

  private let policy = Array(TestPolicy.minimal.utf8)

  @Test func foldersAreReadWithTheirSubfoldersButNotWhatStartsWithADot() throws {
    #expect(try codes(["a/b/policy.yml": policy]) == [])
    // A mounted ConfigMap: the same files once more, under a hidden name.
    #expect(try codes(["policy.yaml": policy, "..2026/policy.yaml": policy, ".hidden.yaml": policy]) == [])
    #expect(try codes(["policy.yaml": policy, "notes.txt": [0xFF]]) == [])
  }

  @Test func foldersThatNestTooDeepAreReportedNotPassedOver() throws {
    let deep = (0..<20).map { "d\($0)/" }.joined()
    #expect(try codes(["policy.yaml": policy, "\(deep)deny.yaml": policy]) == [.tooMany])
  }

  @Test func aFileThatIsNotUTF8IsReported() throws {
    #expect(try codes(["policy.yaml": policy, "bad.yaml": [0x61, 0xFF, 0xFE]]) == [.syntax])
  }

  @Test func aPathThatIsNotThereIsReported() {
    #expect(SnapshotLoader.load(["/nonexistent/policy"], serial: 1).diagnostics.map(\.code) == [.fileUnreadable])
  }
}
