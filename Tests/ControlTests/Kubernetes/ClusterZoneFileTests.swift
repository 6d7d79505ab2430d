import Control
import Foundation
import Steering
import SteeringPolicy
import TestSupport
import Testing

/// Zone files that zones of the cluster name: the server's own files, and no others.
@Suite struct ClusterZoneFileTests {
  private static let zone = """
    $TTL 60
    @ SOA ns1 hostmaster 1 3600 600 86400 5
    @ NS ns1
    ns1 A 10.1.1.1
    www A 10.1.1.80

    """

  /// A cluster whose zone names a file, with a server that has that file.
  private func withZone<Output>(
    _ name: String, _ body: (inout TestCluster, _ folder: URL) throws -> Output
  ) throws -> Output {
    try TemporaryFolder.with { folder in
      try FileManager.default.createDirectory(
        at: folder.appending(path: "served/zones"), withIntermediateDirectories: true)
      try Self.zone.write(to: folder.appending(path: "served/zones/db"), atomically: true, encoding: .utf8)
      try Self.zone.write(to: folder.appending(path: "secret"), atomically: true, encoding: .utf8)
      var cluster = TestCluster.withOneRoute()
      cluster.folder = folder.appending(path: "served").path
      cluster.apply("SteeringZone", "static", #"{"zone":"static.test","zoneFile":"\#(name)"}"#)
      return try body(&cluster, folder)
    }
  }

  @Test func aFileBelowTheServersFolderIsServed() throws {
    try withZone("zones/db") { cluster, _ in
      let result = cluster.load()
      #expect(result.held == [:])
      let answer = try result.answer("www.static.test", from: "team-b")
      #expect(answer == "10.1.1.80")
      #expect(result.files.contains { $0.hasSuffix("zones/db") })
    }
  }

  @Test(arguments: [
    "../secret", "zones/../../secret", "/etc/hostname", "zones//db", ".hidden", "zones/..data/db", "",
  ])
  func noOtherFileIsLookedFor(name: String) throws {
    try withZone(name) { cluster, _ in
      let result = cluster.load()
      let answer = try result.answer("one.steer.test", from: "team-a")
      #expect(result.held == ["SteeringZone/static": [.invalidValue]])
      #expect(answer == "10.96.0.1")
    }
  }

  @Test func aServerWithoutAFolderHasNoZoneFiles() throws {
    try withZone("zones/db") { cluster, _ in
      cluster.folder = nil
      #expect(cluster.load().held == ["SteeringZone/static": [.invalidValue]])
    }
  }

  @Test func aFileThatIsBrokenLaterIsServedAsItWas() throws {
    try withZone("zones/db") { cluster, folder in
      _ = cluster.load()
      let file = folder.appending(path: "served/zones/db")
      for text in ["$TTL 60\n@ SOA what\n", nil] {
        try FileManager.default.removeItem(at: file)
        try text?.write(to: file, atomically: true, encoding: .utf8)
        cluster.applyRoute("one", "one.steer.test", text == nil ? 2 : 3)
        let result = cluster.load()
        #expect(try result.answer("www.static.test", from: "team-b") == "10.1.1.80")
        #expect(try result.answer("one.steer.test", from: "team-a") == (text == nil ? "10.96.0.2" : "10.96.0.3"))
        #expect(result.diagnostics.hasErrors)
        if text == nil { try Self.zone.write(to: file, atomically: true, encoding: .utf8) }
      }
      #expect(!cluster.load().diagnostics.hasErrors)
    }
  }

  @Test func anObjectThatClashesWithTheZoneFileIsHeldBack() throws {
    try withZone("zones/db") { cluster, _ in
      _ = cluster.load()
      cluster.applyRoute("clash", "www.static.test", 2)
      #expect(cluster.load().held == ["EgressRoute/clash": [.zoneClash]])
    }
  }
}
