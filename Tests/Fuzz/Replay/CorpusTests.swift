import Foundation
import FuzzTargets
import Testing

/// What fuzzers start from, and what they once found, through the same functions: a fault ends the process.
@Suite struct CorpusTests {
  private static func folder(_ target: FuzzTarget) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Corpus/\(target.rawValue)").standardized
  }

  @Test(arguments: FuzzTarget.allCases)
  func everyFileOfTheCorpusIsTaken(target: FuzzTarget) throws {
    let folder = Self.folder(target)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names.count >= 10, "a corpus that is next to nothing tests nothing")
    for name in names { target.run(Array(try Data(contentsOf: folder.appending(path: name)))) }
  }

  @Test(arguments: FuzzTarget.allCases)
  func nothingAndNoiseAreTaken(target: FuzzTarget) {
    target.run([])
    for octet in UInt8.min...UInt8.max { target.run([octet]) }
  }
}
