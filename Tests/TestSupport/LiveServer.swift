import DNSServer
public import DNSWire
public import Steering

/// A server of a snapshot on loopback, which keeps what it answered of late.
public enum LiveServer {
  /// Serves for as long as `body` takes, and tells it where and what is kept.
  public static func serving<Result>(
    _ snapshot: Snapshot, threads: Int = 2, _ body: (Endpoint, RecentAnswers?) async throws -> Result
  ) async throws -> Result {
    let loopback = Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 0)
    var settings = DNSServer.Settings(endpoints: [loopback], threads: threads)
    settings.keepsRecentAnswers = true
    let server = try await DNSServer(settings, serving: snapshot)
    do {
      let result = try await body(server.endpoints[0], server.recentAnswers)
      await server.drain()
      return result
    } catch {
      await server.drain()
      throw error
    }
  }
}
