/// The `hosts:` line of `nsswitch.conf`: whom glibc asks for a name, in order (nsswitch.conf(5)).
public struct NameServiceSwitch: Equatable, Sendable {
  /// A service, and the `[…]` that follows it.
  public struct Service: Equatable, Sendable {
    public var name: String
    public var action: String?
  }

  /// The most octets that are read.
  private static let maximumSize = 65_536

  /// The services of `hosts:` in order; empty if there is no such line.
  public var hosts: [Service] = []

  /// Reads the text of an `nsswitch.conf`.
  public init(_ text: String) {
    for line in text.utf8.prefix(Self.maximumSize).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      let written = String(decoding: line.prefix { $0 != 0x23 }, as: UTF8.self)
      guard let colon = written.firstIndex(of: ":"),
        written[..<colon].split(whereSeparator: { $0 == " " || $0 == "\t" }) == ["hosts"]
      else { continue }
      hosts = Self.services(written[written.index(after: colon)...])
    }
  }

  private static func services(_ text: Substring) -> [Service] {
    var services: [Service] = []
    var rest = text
    while let first = rest.first {
      if first == "[" {
        let end = rest.firstIndex(of: "]").map { rest.index(after: $0) } ?? rest.endIndex
        if !services.isEmpty { services[services.count - 1].action = String(rest[..<end]).printable }
        rest = rest[end...]
      } else if first == " " || first == "\t" {
        rest = rest.dropFirst()
      } else {
        let word = rest.prefix { $0 != " " && $0 != "\t" && $0 != "[" }
        services.append(Service(name: String(word).printable, action: nil))
        rest = rest.dropFirst(word.count)
      }
    }
    return services
  }

  /// The services that are asked before `dns` and answer `.local` by multicast: mdns…, and systemd's `resolve`.
  public var multicastBeforeDNS: [Service] {
    hosts.prefix { $0.name != "dns" }.filter { $0.name.hasPrefix("mdns") || $0.name == "resolve" }
  }
}
