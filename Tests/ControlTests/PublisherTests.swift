import Control
import Foundation
import Logging
import Testing

@Suite struct PublisherTests {
  /// Two versions of a policy behind a link, as a mounted ConfigMap has them, and the link turned while it is read.
  @Test func aReloadPublishesOneVersionOfTheFilesNeverHalfOfTwo() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("steer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for version in ["a", "b"] {
      let data = folder.appendingPathComponent(version)
      try FileManager.default.createDirectory(at: data, withIntermediateDirectories: false)
      // Many files, so that there is time to turn the link between the first and the last.
      for number in 0..<40 {
        try Data(zone(number, ttl: version == "a" ? 10 : 20).utf8)
          .write(to: data.appendingPathComponent("zone-\(number).yaml"))
      }
    }
    let link = folder.appendingPathComponent("policy").path
    func turn(to version: String) throws {
      let next = link + ".next"
      try FileManager.default.createSymbolicLink(atPath: next, withDestinationPath: version)
      guard unsafe rename(next, link) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
    var digests: Set<String> = []
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    for version in ["a", "b"] {
      try turn(to: version)
      let alone = try Publisher(paths: [link], serials: SerialStore(folder: nil), logger: logger)
      digests.insert(await alone.current.generation.digest.description)
    }
    try #require(digests.count == 2)
    let publisher = try Publisher(paths: [link], serials: SerialStore(folder: nil), logger: logger)
    for round in 0..<60 {
      async let reload: Void = publisher.reload(because: "test")
      // The turn wanders through the time that a load takes, so that some rounds meet it; none depends on that.
      try await Task.sleep(for: .microseconds(500 * round))
      try turn(to: round.isMultiple(of: 2) ? "a" : "b")
      await reload
      #expect(digests.contains(await publisher.current.generation.digest.description), "round \(round)")
    }
  }

  private func zone(_ number: Int, ttl: Int) -> String {
    """
    apiVersion: egress.aibang.com/v1alpha1
    kind: SteeringZone
    metadata: {name: zone-\(number)}
    spec: {zone: zone-\(number).test, ttl: \(ttl)s}
    """
  }
}
