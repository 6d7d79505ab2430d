public import DNSWire

/// What glibc's resolver reads from `resolv.conf`, within glibc's own limits (resolv.conf(5)).
public struct ResolverConfiguration: Equatable, Sendable {
  /// The most nameservers that glibc asks.
  public static let maximumNameservers = 3
  /// The largest `ndots` that glibc takes.
  public static let maximumDots = 15
  /// The most octets and search names that are read.
  private static let maximumSize = 65_536
  private static let maximumSearch = 32

  /// The nameservers in order, at most three.
  public var nameservers: [IPAddress] = []
  /// The search list; of several `search` and `domain` lines the last counts.
  public var search: [String] = []
  /// How many dots a name needs to be asked for as it is first.
  public var dots = 1
  /// Nameservers past the third, which are never asked, and those that could not be read.
  public var ignored: [String] = []

  /// Reads the text of a `resolv.conf`; what is malformed is passed over, as glibc does.
  public init(_ text: String) {
    for line in text.utf8.prefix(Self.maximumSize).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      // Only a comment sign in the first column begins a comment.
      if line.first == 0x23 || line.first == 0x3B { continue }
      let words = line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).map { String(decoding: $0, as: UTF8.self) }
      guard let key = words.first else { continue }
      let values = words.dropFirst()
      switch key {
      case "nameserver": if let value = values.first { addNameserver(value) }
      case "search": search = Self.names(values)
      case "domain": search = Self.names(values.prefix(1))
      case "options": for value in values { readOption(value) }
      default: break
      }
    }
  }

  private mutating func addNameserver(_ text: String) {
    // A link-local address has its interface after %, which a socket address here does not carry.
    if let address = IPAddress(text), nameservers.count < Self.maximumNameservers {
      nameservers.append(address)
    } else if ignored.count < Self.maximumSearch {
      ignored.append(text.printable)
    }
  }

  private mutating func readOption(_ text: String) {
    guard text.hasPrefix("ndots:"), let number = Int(text.dropFirst(6)), number >= 0 else { return }
    dots = min(number, Self.maximumDots)
  }

  private static func names(_ values: some Collection<String>) -> [String] {
    values.prefix(maximumSearch).map(\.printable)
  }

  /// The names that glibc asks for, in order, for a name without a final dot; each is asked for A and for AAAA.
  public func candidates(for name: DomainName) -> [DomainName] {
    let text = name.relativeDescription
    let searched = search.compactMap { suffix in
      suffix == "." ? name : try? DomainName("\(text).\(suffix)")
    }
    let isAbsoluteFirst = name.labels.count - 1 >= dots
    return isAbsoluteFirst ? [name] + searched : searched + [name]
  }
}

extension String {
  /// The text with what is not printable ASCII replaced by `?`, at most 255 octets: it may go to a terminal.
  var printable: String {
    String(decoding: utf8.prefix(255).map { (0x20...0x7E).contains($0) ? $0 : 0x3F }, as: UTF8.self)
  }
}
