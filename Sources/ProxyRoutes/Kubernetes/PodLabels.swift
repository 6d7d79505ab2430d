import DNSWire

/// Labels that select the proxies' pods.
public struct PodLabels: Hashable, Sendable {
  /// Key and value, by key.
  let labels: [(key: String, value: String)]

  /// `app.kubernetes.io/name: steer-proxy`.
  public static let standard = PodLabels(labels: [("app.kubernetes.io/name", "steer-proxy")])

  private init(labels: [(key: String, value: String)]) {
    self.labels = labels
  }

  /// Reads `KEY=VALUE`s; throws if one is no label, or a key is there twice.
  public init(_ texts: [String]) throws(ProxyRenderingError) {
    var labels: [String: String] = [:]
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, Self.isKey(parts[0]), parts[1].isEmpty || Self.isName(parts[1]),
        labels.updateValue(parts[1], forKey: parts[0]) == nil
      else {
        throw ProxyRenderingError(
          .badSelector,
          "'\(text.prefix(80))' is not a label, or its key is there twice; write one such as app.kubernetes.io/name=steer-proxy"
        )
      }
    }
    self.labels = labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Whether text is a label's key: a name, or a domain, `/` and a name.
  private static func isKey(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 1 { return isName(parts[0]) }
    return parts.count == 2 && isName(parts[1]) && (try? DomainName(parts[0]).isHostname) == true
      && parts[0].utf8.allSatisfy { $0.isASCIILowercaseLetter || $0.isASCIIDigit || $0 == 0x2D || $0 == 0x2E }
  }

  /// Whether text is a label's value, or the name in its key: letters, digits and inner `-`, `_`, `.`.
  private static func isName(_ text: String) -> Bool {
    let isEnd = { (octet: UInt8) in octet.isASCIIDigit || (octet | 0x20).isASCIILowercaseLetter }
    guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 63 else { return false }
    return isEnd(first) && isEnd(last)
      && text.utf8.allSatisfy { isEnd($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E }
  }

  /// The labels as a YAML mapping in one line.
  var text: String { "{" + labels.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ", ") + "}" }

  public static func == (left: PodLabels, right: PodLabels) -> Bool { left.text == right.text }

  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
