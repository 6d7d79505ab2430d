/// A request as it came.
struct Request: Sendable {
  let method: String
  /// The path, decoded.
  let path: [String]
  let query: [String: String]
  /// Names in small letters.
  let headers: [String: String]
  let body: [UInt8]
  /// Whether the client proved with a certificate who it is.
  let hasCertificate: Bool

  /// The value of a header, named in small letters.
  func header(_ name: String) -> String? { headers[name] }

  /// The path and the query of a request line.
  static func split(uri: String) -> (path: [String], query: [String: String]) {
    let parts = uri.split(separator: "?", maxSplits: 1)
    let path = (parts.first ?? "").split(separator: "/").map(unescaped)
    let pairs = parts.count > 1 ? parts[1].split(separator: "&") : []
    let query = pairs.map { pair in
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (unescaped(sides[0]), sides.count > 1 ? unescaped(sides[1]) : "")
    }
    return (path, Dictionary(query) { $1 })
  }

  private static func unescaped(_ text: Substring) -> String {
    var octets: [UInt8] = []
    var rest = text.utf8[...]
    while let octet = rest.popFirst() {
      let digits = String(rest.prefix(2)) ?? ""
      if octet == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
        octets.append(value)
        rest = rest.dropFirst(2)
      } else {
        octets.append(octet == UInt8(ascii: "+") ? UInt8(ascii: " ") : octet)
      }
    }
    return String(decoding: octets, as: UTF8.self)
  }
}
