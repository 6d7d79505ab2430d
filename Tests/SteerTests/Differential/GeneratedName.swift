import TestSupport

/// A name as a generator makes it: labels of any octets, the root left out.
struct GeneratedName: Hashable {
  var labels: [[UInt8]]

  /// A name of labels.
  init(_ labels: [[UInt8]]) {
    self.labels = labels
  }

  /// A name in presentation format without escapes.
  init(_ text: String) {
    labels = text.split(separator: ".").map { Array($0.utf8) }
  }

  /// The name without its first label; nil for the root.
  var parent: GeneratedName? { labels.isEmpty ? nil : GeneratedName(Array(labels.dropFirst())) }
  /// The size in wire format, in octets.
  var size: Int { labels.reduce(1) { $0 + 1 + $1.count } }
  /// Whether the first label is an asterisk.
  var isWildcard: Bool { labels.first == [UInt8(ascii: "*")] }

  /// Whether the name is `other` or lies below it.
  func isAtOrBelow(_ other: GeneratedName) -> Bool {
    labels.count >= other.labels.count && labels.suffix(other.labels.count).elementsEqual(other.labels)
  }

  /// The name below another label.
  func child(_ label: [UInt8]) -> GeneratedName { GeneratedName([label] + labels) }

  /// The name below another label.
  func child(_ label: String) -> GeneratedName { child(Array(label.utf8)) }
}

extension GeneratedName: CustomStringConvertible {
  /// The name as a master file has it, with a final dot: what is not a letter, digit, `-`, `_` or `*` is escaped.
  var description: String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_*".utf8)
    let texts = labels.map { label in
      label.map { octet in
        if plain.contains(octet) { return String(UnicodeScalar(octet)) }
        let digits = String(octet)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }.joined()
    }
    return texts.joined(separator: ".") + "."
  }
}
