/// What a policy may not exceed; each is far above what a cluster needs, and keeps a mistake from eating memory.
enum Limits {
  /// The largest file, in octets: 16 MiB.
  static let fileSize = 16 << 20
  /// The most documents in one file, the items of lists among them.
  static let documents = 100_000
  /// The most items of a list field.
  static let listItems = 10_000
  /// The most aliases or name servers of a zone.
  static let zoneNames = 32
  /// The most identity sources of a zone: each costs every query a look.
  static let identitySources = 8
  /// The most trusted forwarders of a zone.
  static let trustedForwarders = 1000
  /// The most rules about who may have a zone as a whole, the most blocks of addresses in one, and the most to notify.
  static let transfers = 64
  static let transferBlocks = 64
  static let notified = 16
  /// The most keys in a file.
  static let transferKeys = 10_000
  /// The longest text value, in UTF-8 octets.
  static let stringLength = 4096
  /// The longest DNS-1123 subdomain, which object names are (RFC 1123, Kubernetes).
  static let objectName = 253
  /// The longest DNS-1123 label.
  static let label = 63
  /// The most parents of a route: each is checked again and again, and Squid looks at them for every request.
  static let parentProxies = 16
  /// The longest interval and timeout of a health check, in seconds.
  static let healthCheckSeconds: UInt32 = 3600
  /// The most Services of a route or rule: more addresses fit no answer.
  static let backends = 32
  /// The longest text of a duration, in octets.
  static let duration = 64
  /// The largest weight of a backend, as in Gateway API.
  static let weight = 1_000_000
  /// How many dangling references get a suggestion; the others are only named.
  static let suggestions = 50
}
