import Admin
import Control
import DNSServer
import DNSWire
import Logging
import ProxyRoutes
import Steering

/// What tells over HTTP how the server is, wired together.
struct AdminParts: Sendable {
  /// The HTTP server.
  let server: AdminServer
  private let leads: @Sendable () -> Bool?

  /// Listens at `endpoint`; nothing is ready until `begin`.
  init(at endpoint: Endpoint, cluster: ClusterParts?, logger: Logger) async throws {
    server = try await AdminServer(at: endpoint, freshness: cluster?.watch.freshness, logger: logger)
    leads = { [status = cluster?.status] in status?.isLeader }
    logger.info("admin listens", metadata: ["at": "\(server.endpoint)"])
  }

  /// Says that names are answered from now on, and by what.
  func begin(_ server: DNSServer, _ proxy: ProxyParts?) {
    self.server.begin(
      ServingParts(
        count: { server.count($0) },
        proxy: { [engine = proxy?.engine] in
          guard let status = await engine?.status(), let json = try? status.json else { return nil }
          return .init(json: json, prometheus: status.prometheus)
        },
        isLeader: { leads() }))
  }

  /// Shows which objects are held back, and why what was loaded last does not serve.
  func show(_ outcome: LoadOutcome) {
    server.show(
      held: outcome.statuses.filter { !$0.isAccepted }.map { status in
        let reason = status.diagnostics.first { $0.severity == .error } ?? status.diagnostics.first
        return .init(object: "\(status.key.kind)/\(status.key.name)", reason: reason?.message ?? "")
      }, failure: outcome.failure)
  }
}
