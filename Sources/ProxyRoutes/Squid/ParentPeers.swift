public import SteeringPolicy

/// The parent proxies as Squid's `cache_peer`s: one for each place in each distinct list of parents.
///
/// Routes with the same list, in the same order and chosen from in the same way, share their peers, so that Squid looks
/// at few of them for a request however many routes there are.
public struct ParentPeers: Sendable {
  /// A `cache_peer`.
  public struct Peer: Hashable, Sendable {
    /// The peer's name in Squid, `p-LIST-PLACE`.
    ///
    /// It follows from the list alone, not from the other routes: while a policy is replaced, a decision by the one and a
    /// configuration by the other never mean different parents by one name.
    public let name: String
    /// The proxy.
    public let parent: EgressRoute.ParentProxy
    /// How one of the list is chosen.
    public let selection: EgressRoute.ParentSelection
  }

  private struct List: Hashable {
    let parents: [EgressRoute.ParentProxy]
    let selection: EgressRoute.ParentSelection

    /// A name for the list: FNV-1a of what it says, of 64 bits, which no two lists of a cluster are likely to share.
    var name: String {
      let text = parents.map { "\($0.host) \($0.port)\n" }.joined() + selection.rawValue
      let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
      let digits = String(hash, radix: 16)
      return "p-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
  }

  /// Every peer, by list and place.
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
      let name = list.name
      for (place, parent) in route.parentProxies.enumerated() {
        peers.append(Peer(name: "\(name)-\(place + 1)", parent: parent, selection: route.parentSelection))
      }
      known[list] = start..<peers.count
      ranges.append(start..<peers.count)
    }
  }

  /// The peers of the route at an index, in the order in which they are tried.
  public func peers(ofRoute route: Int) -> ArraySlice<Peer> { peers[ranges[route]] }
}
