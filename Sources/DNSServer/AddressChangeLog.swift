import DNSWire
public import Logging
public import Steering
import SteeringPolicy
import Synchronization

/// Logs when a route's Service has other addresses, and who may still go by the old ones.
///
/// A Service that is made anew gets another cluster IP unless its manifest names one.
public final class AddressChangeLog: SnapshotSink {
  /// How many askers a line names.
  private static let nameLimit = 20

  private struct State {
    var snapshot: Snapshot
    /// The last addresses that there were, by route and Service.
    var addresses: [String: [NamespacedName: [IPAddress]]]
  }

  private let state: Mutex<State>
  private let askers: Askers
  private let logger: Logger

  /// A log of what changes after `snapshot`, with the askers of a server.
  public init(after snapshot: Snapshot, askers: Askers, logger: Logger) {
    state = Mutex(State(snapshot: snapshot, addresses: snapshot.backendAddresses))
    self.askers = askers
    self.logger = logger
  }

  /// Nothing is served from it.
  public func publish(_ snapshot: Snapshot) {}

  /// Logs what changed.
  public func settle(_ snapshot: Snapshot) {
    let new = snapshot.backendAddresses
    // A route whose only Service is gone has no backend.
    let routes = Set(snapshot.routes.map(\.name))
    let (earlier, last) = state.withLock { state in
      defer {
        state.snapshot = snapshot
        // Of a Service that is gone for a moment, the addresses that clients may still know.
        for (route, services) in new {
          for (service, addresses) in services where !addresses.isEmpty {
            state.addresses[route, default: [:]][service] = addresses
          }
        }
        state.addresses = state.addresses.filter { routes.contains($0.key) }
      }
      return (state.snapshot, state.addresses)
    }
    let old = earlier.backendAddresses
    for (route, services) in last.sorted(by: { $0.key < $1.key }) where routes.contains(route) {
      for (service, addresses) in services.sorted(by: { "\($0.key)" < "\($1.key)" }) {
        let before = old[route]?[service] ?? []
        let after = new[route]?[service] ?? []
        guard Set(before) != Set(after) else { continue }
        // Back with the addresses that it had, a Service has none that changed but for a moment.
        let known = before.isEmpty && Set(addresses) != Set(after) ? addresses : before
        log(
          route, service, before: known, after: after,
          askedBy: askers.names(of: service, route: route, in: snapshot, or: earlier))
      }
    }
  }

  private func log(
    _ route: String, _ service: NamespacedName, before: [IPAddress], after: [IPAddress], askedBy: [String]
  ) {
    logger.notice(
      "addresses changed",
      metadata: [
        "route": "\(route)", "service": "\(service)", "before": .array(before.map { "\($0)" }),
        "after": .array(after.map { "\($0)" }), "askedBy": .array(askedBy.prefix(Self.nameLimit).map { "\($0)" }),
        "askers": "\(askedBy.count)",
      ])
  }
}
