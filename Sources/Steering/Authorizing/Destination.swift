public import DNSWire

/// Where a client wants to connect to, as a proxy is told it.
public struct Destination: Hashable, Sendable {
  /// The host name; nil if the host is a literal address or no host name at all.
  public let name: DomainName?
  /// The host as written.
  public let text: String
  /// The TCP port.
  public let port: UInt16

  /// The destination of a host and port; a trailing dot and capital letters do not matter.
  ///
  /// A literal address, in whatever notation a resolver might take it, is never a name: no domain name matches it.
  public init(host: String, port: UInt16) {
    text = host
    self.port = port
    // A backslash escapes in zone files, not in a URL: whoever resolves the host would look for another name.
    guard !host.hasSuffix(".."), !host.utf8.contains(0x5C), let name = try? DomainName(host), name.isHostname,
      let last = name.labels.last, !last.starts(with: [0x30, 0x78])
    else {
      name = nil
      return
    }
    self.name = name
  }
}

extension Destination: CustomStringConvertible {
  /// `HOST:PORT`, as in a CONNECT.
  public var description: String { "\(text):\(port)" }
}
