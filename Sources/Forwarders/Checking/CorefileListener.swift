import DNSWire

extension Corefile {
  /// What a server block listens at; CoreDNS looks for a name's block only among those of one listener.
  struct Listener: Hashable, CustomStringConvertible {
    var scheme: String
    /// The port; nil if the environment fills it in.
    var port: UInt16?
    /// An address, or an interface; empty for every address.
    var address: String

    /// `10.0.0.10, port 53`.
    var description: String {
      "\(address.isEmpty ? "every address" : address), port \(port.map(String.init) ?? "of the environment")"
    }

    /// Whether they are one, or may be: nobody knows the port of the environment, or the addresses of an interface.
    func mayBe(_ other: Listener) -> Bool {
      guard scheme == other.scheme, port == other.port || port == nil || other.port == nil else { return false }
      if address == other.address { return true }
      return !address.isEmpty && !other.address.isEmpty && !(hasKnownAddress && other.hasKnownAddress)
    }

    private var hasKnownAddress: Bool { IPAddress(address) != nil }

    /// Whether only the forwarder's own machine reaches it.
    var isOnOwnMachine: Bool {
      IPAddress(address).map { Endpoint(address: $0, port: 53).isOnOwnMachine } ?? false
    }
  }
}

extension Corefile.Block {
  /// How many addresses of a block are looked at; nobody binds as many.
  private static let addressLimit = 20

  /// What the block listens at for one of its zones: `bind` names the addresses for all of them.
  func listeners(of key: Corefile.Key) -> Set<Corefile.Listener> {
    let bound = plugins("bind").flatMap(\.arguments).prefix(Self.addressLimit)
    let addresses = bound.isEmpty ? [""] : bound.map { IPAddress($0.text)?.description ?? $0.text }
    return Set(addresses.map { Corefile.Listener(scheme: key.scheme, port: key.port, address: $0) })
  }
}
