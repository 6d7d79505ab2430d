public import DNSWire
public import SteeringPolicy

/// The keys that the server shares with its secondaries, by name.
public struct KeyRing: Sendable {
  private let keys: [DomainName: TransferKey]

  /// A ring of keys, each of another name.
  public init(_ keys: [TransferKey] = []) {
    self.keys = Dictionary(keys.map { ($0.name, $0) }) { first, _ in first }
  }

  /// The key of a name; nil if there is none.
  public subscript(name: DomainName) -> TransferKey? { keys[name] }
}
