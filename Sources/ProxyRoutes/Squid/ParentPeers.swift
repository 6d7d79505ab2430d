import Crypto
public import SteeringPolicy

/// The parent proxies as Squid's `cache_peer`s: one for each place in each distinct list of parents.
///
/// Routes with the same list, in the same order and chosen from in the same way, share their peers, so that Squid looks
/// at few of them for a request however many routes there are.
///
/// A peer's name is made of its list and place alone: it means the same proxy in every generation, for a verdict of one
/// generation may meet the configuration of the next.
public struct ParentPeers: Sendable {
  /// A `cache_peer`.
  public struct Peer: Hashable, Sendable {
    /// The peer's name in Squid: `p`, ten hexadecimal digits of the list, `.`, the place from 1.
    public let name: String
    /// The proxy.
    public let parent: EgressRoute.ParentProxy
    /// How one of the list is chosen.
    public let selection: EgressRoute.ParentSelection
  }

  private struct List: Hashable {
    let parents: [EgressRoute.ParentProxy]
    let selection: EgressRoute.ParentSelection

    /// The first digits of the list's SHA-256.
    var digits: String {
      let text = ([selection.rawValue] + parents.map { "\($0.host) \($0.port)" }).joined(separator: "\n")
      let digest = SHA256.hash(data: Array(text.utf8))
      return digest.prefix(5).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  /// Every peer, list by list.
  public private(set) var peers: [Peer] = []
  /// Per route its peers, a range of `peers`.
  private var ranges: [Range<Int>] = []

  /// The peers of routes.
  public init(of routes: [EgressRoute]) {
    var known: [List: Range<Int>] = [:]
    for route in routes {
      let list = List(parents: route.parentProxies, selection: route.parentSelection)
      if let range = known[list] {
        ranges.append(range)
        continue
      }
      let start = peers.count
      let digits = list.digits
      for (place, parent) in route.parentProxies.enumerated() {
        peers.append(
          Peer(name: "p\(digits).\(place + 1)", parent: parent, selection: route.parentSelection))
      }
      known[list] = start..<peers.count
      ranges.append(start..<peers.count)
    }
  }

  /// The peers of the route at an index, in the order in which they are tried.
  public func peers(ofRoute route: Int) -> ArraySlice<Peer> { peers[ranges[route]] }
}
