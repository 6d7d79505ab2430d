import Control
import Foundation
import ProxyRoutes
import SteeringPolicy
import TestSupport
import Testing

/// The recorded outputs of the renderers and the policies that they are rendered from.
enum RenderingFixture {
  /// A recorded file.
  static func text(_ path: String) throws -> String {
    let folder = Bundle.module.resourceURL?.appending(path: "Fixtures") ?? URL(filePath: "Fixtures")
    return try String(contentsOf: folder.appending(path: path), encoding: .utf8)
  }

  /// Compares with the recorded file; with `STEER_RECORD` set it records instead, and fails.
  static func expect(_ text: String, isRecordedAs path: String) throws {
    guard ProcessInfo.processInfo.environment["STEER_RECORD"] != nil else {
      #expect(text == (try Self.text(path)))
      return
    }
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(path)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    Issue.record("recorded \(path); unset STEER_RECORD and run again")
  }

  /// The example policy.
  static func example() throws -> PolicySet {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    let loaded = SnapshotLoader.load([root.appending(path: "zones").path], serial: 1)
    return try #require(loaded.policy, "\(loaded.diagnostics)")
  }

  /// Patterns as a policy has them.
  static func patterns(_ texts: [String]) throws -> [DomainPattern] {
    let written = #"domainNames: [login.example.com, "*.wild.example.com"]"#
    let names = texts.map { "\"\($0)\"" }.joined(separator: ", ")
    let policy = try TestPolicy.policy(TestPolicy.minimal.replacing(written, with: "domainNames: [\(names)]"))
    return try #require(policy.routes.first).destinations
  }

  /// A route of a valid policy, changed.
  static func route(
    _ name: String, port: UInt16 = 13128, parents: [EgressRoute.ParentProxy] = [],
    _ change: (inout EgressRoute) -> Void = { _ in }
  ) throws -> EgressRoute {
    var route = try #require(try TestPolicy.policy(TestPolicy.minimal).routes.first)
    route.name = name
    route.listenerPort = port
    route.parentProxies = parents
    change(&route)
    return route
  }
}

extension [EgressRoute] {
  /// Each route's own listener.
  var listeners: [SquidConfiguration.Listener] {
    map { SquidConfiguration.Listener(port: $0.listenerPort, route: $0.name) }
  }
}
