import Control
import DNSWire
import Logging
import NIOCore
import Steering
import TestSupport

@testable import Admin

/// A server on loopback for as long as `body` takes, and a client of it.
func serving<Result>(
  freshness: Freshness? = nil, limits: ConnectionLimits = ConnectionLimits(),
  _ body: (AdminServer, AdminClient) async throws -> Result
) async throws -> Result {
  let server = try await AdminServer(
    at: Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 0), freshness: freshness, limits: limits, logger: silent)
  do {
    let result = try await body(server, AdminClient(server.endpoint.description))
    await server.stop()
    return result
  } catch {
    await server.stop()
    throw error
  }
}

/// A logger that says nothing.
let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

extension ServingParts {
  /// Parts of which each counter has its own number, from 1000 on.
  static let numbered = ServingParts(count: { UInt64(1000 + $0.rawValue) })
}

extension AdminServer {
  /// Serves a policy.
  func serve(_ text: String = TestPolicy.minimal, _ parts: ServingParts = .numbered) throws -> Snapshot {
    let snapshot = try TestPolicy.snapshot(text)
    publish(snapshot)
    begin(parts)
    return snapshot
  }
}
