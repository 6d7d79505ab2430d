/// Text for a URL.
enum URLText {
  /// `text` with all but the unreserved characters of RFC 3986 §2.3 percent-encoded.
  static func encoded(_ text: String) -> String {
    var encoded = ""
    for octet in text.utf8 {
      switch octet {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(octet))
      default:
        let digits = String(octet, radix: 16, uppercase: true)
        encoded += octet < 0x10 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return encoded
  }

  /// A path with its query.
  static func target(_ path: String, query: [(name: String, value: String)]) -> String {
    guard !query.isEmpty else { return path }
    return path + "?" + query.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
  }
}
