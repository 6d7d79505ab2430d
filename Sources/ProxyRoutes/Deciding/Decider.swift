public import Steering
import SteeringPolicy
import Synchronization

/// Decides what the proxies ask: a helper's line → the answer's line; one for the process.
public final class Decider: Sendable {
  /// What decisions are made from, and what came of them.
  private struct State {
    var snapshot: Snapshot
    var peers: ParentPeers
    var counts = DecisionCounts()
  }

  private let state: Mutex<State>
  private let parents: any ParentStatus
  private let connections: (any ConnectionTracking)?
  private let log: (any DecisionRecording)?

  /// Decides by a snapshot; `connections` is told of what is let through by routes with `onRevocation: Close`, and `log`
  /// of every decision.
  public init(
    _ snapshot: Snapshot, parents: any ParentStatus, connections: (any ConnectionTracking)?,
    log: (any DecisionRecording)?
  ) {
    state = Mutex(State(snapshot: snapshot, peers: ParentPeers(of: snapshot.routes)))
    self.parents = parents
    self.connections = connections
    self.log = log
  }

  /// Decides by another snapshot from now on.
  public func publish(_ snapshot: Snapshot) {
    let peers = ParentPeers(of: snapshot.routes)
    state.withLock { state in
      state.snapshot = snapshot
      state.peers = peers
    }
  }

  /// What was decided so far.
  public var counts: DecisionCounts { state.withLock { $0.counts } }

  /// Counts a helper that connected (1) or is gone (-1).
  func countHelper(_ change: Int) {
    state.withLock { $0.counts.helpers += change }
  }

  /// The answer to a line, both without their ends; nil if the line has no channel to answer on.
  public func reply(to line: some Collection<UInt8>) -> [UInt8]? {
    guard let channel = HelperQuery.channel(of: line) else {
      state.withLock { $0.counts.malformed += 1 }
      return nil
    }
    let reply: HelperReply
    do throws(HelperQueryError) {
      reply = self.reply(to: try HelperQuery(line).request)
    } catch {
      reply = malformed(line)
    }
    return reply.line(on: channel)
  }

  /// The answer to a line that is too long to be kept, by its beginning; nil if it has no channel to answer on.
  func reply(toTruncated line: some Collection<UInt8>) -> [UInt8]? {
    let reply = malformed(line)
    return HelperQuery.channel(of: line).map(reply.line(on:))
  }

  private func malformed(_ line: some Collection<UInt8>) -> HelperReply {
    let snapshot = state.withLock { state in
      state.counts.malformed += 1
      return state.snapshot
    }
    log?.recordMalformed(Array(line), in: snapshot)
    var reply = HelperReply(isAllowed: false)
    reply.add("reason", "malformed")
    return reply
  }

  /// Decides about a request, and tells whoever wants to know.
  private func reply(to request: ProxyRequest) -> HelperReply {
    let (snapshot, peers) = state.withLock { ($0.snapshot, $0.peers) }
    var decision = ProxyAuthorizer.decide(request, in: snapshot)
    var usable: [String] = []
    if decision.isAllowed, let route = decision.route {
      let all = peers.peers(ofRoute: route)
      let check = snapshot.routes[route].healthCheck
      usable = all.filter { parents.isUp($0.parent, checkedBy: check) }.map(\.name)
      if usable.isEmpty { decision = decision.refused(all.isEmpty ? .noParent : .parentsDown) }
    }
    state.withLock { $0.counts.count(decision) }
    log?.record(request, decision, in: snapshot)
    if decision.isAllowed, let route = decision.route, snapshot.routes[route].onRevocation == .close {
      connections?.opened(request, route: route, in: snapshot)
    }
    return HelperReply(decision, peers: usable, in: snapshot)
  }
}

extension HelperReply {
  /// The room kept for the names of peers, in octets; several fit, and the first ones are what matters.
  private static let peersLength = 120

  /// The answer that a decision comes to.
  ///
  /// What Squid acts on comes first: the verdict, the reason, the route and the parents that are up. What is for its log
  /// has the rest, in order of worth.
  fileprivate init(_ decision: ProxyDecision, peers: [String], in snapshot: Snapshot) {
    let isUnavailable = decision.reason == .parentsDown || decision.reason == .noParent
    // Not an ERR: Squid answers those with 403, but here the client did nothing that is not allowed.
    self.init(isAllowed: decision.isAllowed || isUnavailable)
    if isUnavailable { add("verdict", "unavailable") }
    add("reason", decision.reason.rawValue)
    if let route = decision.route { add("route", snapshot.routes[route].name, atMost: 63) }
    let end = octets.count + Self.peersLength
    for peer in peers where octets.count + peer.utf8.count + 6 <= end {
      if !addWhole("peer", peer) { break }
    }
    add("generation", snapshot.generation.description)
    if let namespace = decision.namespace { add("namespace", namespace) }
    if let pod = decision.pod { add("pod", pod) }
    if let rule = decision.rule { add("rule", rule) }
    if let rule = decision.reportedRule { add("wouldDeny", rule) }
    if let account = decision.serviceAccount { add("serviceAccount", account) }
    add("identity", decision.identity)
  }
}
