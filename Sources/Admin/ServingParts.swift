public import Steering

/// What the parts that serve tell of themselves, asked anew for each request.
public struct ServingParts: Sendable {
  /// What a proxy engine says of itself.
  public struct ProxyReport: Sendable {
    /// Its status as JSON.
    public var json: [UInt8]
    /// Its metrics as Prometheus reads them (text format 0.0.4).
    public var prometheus: String

    /// A report in both forms.
    public init(json: [UInt8], prometheus: String) {
      self.json = json
      self.prometheus = prometheus
    }
  }

  /// How often something happened to DNS messages.
  public var count: @Sendable (Counters.Kind) -> UInt64
  /// How the proxies are; nil if there is no engine, or it cannot say.
  public var proxy: @Sendable () async -> ProxyReport?
  /// Whether this server writes the objects' status; nil if none is written.
  public var isLeader: @Sendable () async -> Bool?

  /// The parts, by what they tell.
  public init(
    count: @escaping @Sendable (Counters.Kind) -> UInt64,
    proxy: @escaping @Sendable () async -> ProxyReport? = { nil },
    isLeader: @escaping @Sendable () async -> Bool? = { nil }
  ) {
    self.count = count
    self.proxy = proxy
    self.isLeader = isLeader
  }
}
