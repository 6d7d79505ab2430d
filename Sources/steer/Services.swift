import Control
import DNSServer
import Foundation
import Logging
import ServiceLifecycle
import Steering
import UnixSignals

/// Keeps the server going until it is told to stop, then drains it; logs what policies in Report mode let through.
struct ServingService: Service {
  let server: DNSServer
  let proxy: ProxyParts?
  let admin: AdminParts?
  let logger: Logger

  /// How often reports are logged.
  private static let reportInterval = Duration.seconds(1)

  func run() async throws {
    // A service runs only after its group has trapped its signals.
    let addresses = server.endpoints.map(\.description).joined(separator: " ")
    Output.write("listening \(addresses)", to: .standardOutput)
    admin?.begin(server, proxy)
    try? await cancelWhenGracefulShutdown {
      while true {
        // Gathered for a while, so that a busy client is one line a second and not one for each query.
        try await Task.sleep(for: Self.reportInterval)
        logReports()
        server.logs.transfers.log(to: logger)
      }
    }
    logger.info("draining")
    admin?.server.drain()
    await server.drain()
    logReports()
    server.logs.transfers.log(to: logger)
  }

  private func logReports() {
    let (counts, dropped) = server.logs.reports.drain()
    for (report, count) in counts {
      logger.notice(
        "enforceWouldDeny",
        metadata: ["client": "\(report.client)", "route": "\(report.route)", "queries": "\(count)"])
    }
    if dropped > 0 { logger.warning("enforceWouldDeny: more than fit the log", metadata: ["queries": "\(dropped)"]) }
  }
}

/// Loads the policy anew when a file changed, and on SIGHUP.
struct ReloadService: Service {
  let publisher: Publisher
  /// SIGHUP, trapped already.
  let hangups: UnixSignalsSequence
  /// How often to look, in seconds; 0 is never.
  let seconds: Int

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for await _ in hangups { await publisher.reload(because: "SIGHUP") }
        }
        group.addTask {
          // Looking, not inotify: a mounted ConfigMap and a network file system tell nothing.
          while seconds > 0 {
            try await Task.sleep(for: .seconds(seconds))
            await publisher.reloadIfChanged()
          }
        }
      }
    }
  }
}

/// Serves what changes in the cluster until it is told to stop.
struct ClusterService: Service {
  let cluster: ClusterParts
  let admin: AdminParts?
  let publisher: Publisher

  func run() async throws {
    await cancelWhenGracefulShutdown { await cluster.follow(publisher, admin: admin) }
  }
}
