import DNSWire
import SteeringPolicy

/// A word of squid.conf that means itself and nothing else.
///
/// Squid splits lines at white space and gives a meaning to quotes, `#`, `\`, `$` and `%`; it cuts lines after 8,191
/// octets, and reads the rest as a line of its own. A word has none of those characters and is not long, so nothing in it
/// can begin another word or directive.
struct SquidWord: Sendable, CustomStringConvertible {
  /// The most octets of a word.
  static let maximumLength = 1024

  /// The word as written.
  let description: String

  private init(unchecked text: String) {
    description = text
  }

  /// A path, or a word of a command.
  init(path text: String) throws(ProxyRenderingError) {
    let isSafe = text.utf8.allSatisfy { octet in
      octet.isASCIIDigit || octet.isASCIILowercaseLetter || octet.isASCIICapitalLetter
        || Self.punctuation.contains(octet)
    }
    guard isSafe, (1...Self.maximumLength).contains(text.utf8.count) else {
      throw ProxyRenderingError(
        .notWritable,
        "'\(text.prefix(80))' cannot be written to Squid's configuration; use letters, digits and any of / . _ - : = @ + ,"
      )
    }
    self.init(unchecked: text)
  }

  private static let punctuation = Set("/._-:=@+,".utf8)

  /// The name of a route, which is a DNS label.
  init(route name: String) throws(ProxyRenderingError) {
    let isLabel = name.utf8.allSatisfy { octet in
      octet.isASCIIDigit || octet.isASCIILowercaseLetter || octet == 0x2D
    }
    guard isLabel, (1...63).contains(name.utf8.count) else {
      throw ProxyRenderingError(
        .routeNotWritable, "'\(name.prefix(80))' is not the name of a route; use small letters, digits and inner '-'")
    }
    self.init(unchecked: name)
  }

  /// A method of HTTP.
  init(method: String) throws(ProxyRenderingError) {
    guard (1...32).contains(method.utf8.count), method.utf8.allSatisfy(\.isASCIICapitalLetter) else {
      throw ProxyRenderingError(
        .methodNotWritable, "'\(method.prefix(80))' is not a method of HTTP; use one such as CONNECT, GET or POST")
    }
    self.init(unchecked: method)
  }

  /// The host of a parent: an address, or a name without escapes and final dot.
  init(host: String) throws(ProxyRenderingError) {
    if let address = IPAddress(host) {
      self.init(unchecked: "\(address)")
    } else if let name = try? DomainName(host), name.isHostname {
      self.init(unchecked: name.relativeDescription)
    } else {
      throw ProxyRenderingError(
        .parentNotWritable, "the parent '\(host.prefix(80))' is neither a host name nor an address; correct it")
    }
  }
}

extension UInt8 {
  /// Whether the octet is `A`–`Z`.
  fileprivate var isASCIICapitalLetter: Bool { self &- 0x41 < 26 }
}
