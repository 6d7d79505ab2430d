/// A domain name in canonical form: uncompressed wire format, ASCII letters in lower case.
///
/// Layout: labels, each a length octet (1–63) and that many octets, then the root's zero octet; at most 255
/// octets in all (RFC 1035 §3.1). Names compare case-insensitively (RFC 4343), which the lower case makes plain.
public struct DomainName: Hashable, Sendable {
  /// The longest name, in octets, the root's included (RFC 1035 §2.3.4).
  public static let maximumLength = 255
  /// The longest label, in octets (RFC 1035 §2.3.4).
  public static let maximumLabelLength = 63

  /// The root, `.`.
  public static let root = DomainName(uncheckedWire: [0])

  /// The name's octets in wire format, lower case, ending with the root's zero octet.
  public let wire: [UInt8]

  private init(uncheckedWire: [UInt8]) {
    wire = uncheckedWire
  }

  /// Reads a name in presentation format; a missing final dot is taken as written (RFC 1035 §5.1).
  ///
  /// `\DDD` and `\X` are understood. Names outside ASCII are refused: write them as punycode.
  public init(_ text: some StringProtocol) throws(DomainNameError) {
    let octets = Array(text.utf8)
    if octets == [0x2E] {
      self = .root
      return
    }
    guard !octets.isEmpty else { throw .empty }
    var wire: [UInt8] = []
    var label: [UInt8] = []
    var index = 0
    var endsWithDot = false
    while index < octets.count {
      var octet = octets[index]
      index += 1
      endsWithDot = octet == 0x2E
      if endsWithDot {
        try Self.append(label, to: &wire)
        label.removeAll(keepingCapacity: true)
        continue
      }
      if octet == 0x5C {
        octet = try Self.unescape(octets, &index)
      } else if octet >= 0x80 {
        throw .notASCII
      }
      label.append(octet.asciiLowercased)
    }
    if !endsWithDot { try Self.append(label, to: &wire) }
    wire.append(0)
    guard wire.count <= Self.maximumLength else { throw .nameTooLong }
    self.wire = wire
  }

  /// Reads an uncompressed name that fills `wire` exactly; pointers and trailing octets are refused.
  public init(wire: some Collection<UInt8>) throws(DomainNameError) {
    guard wire.count <= Self.maximumLength else { throw .nameTooLong }
    var octets = Array(wire)
    var index = 0
    while true {
      guard index < octets.count else { throw .empty }
      let length = Int(octets[index])
      if length == 0 { break }
      guard length <= Self.maximumLabelLength else { throw .labelTooLong }
      let end = index + 1 + length
      guard end < octets.count else { throw .empty }
      for position in (index + 1)..<end { octets[position] = octets[position].asciiLowercased }
      index = end
    }
    guard index + 1 == octets.count else { throw .nameTooLong }
    self.wire = octets
  }

  private static func append(_ label: [UInt8], to wire: inout [UInt8]) throws(DomainNameError) {
    guard !label.isEmpty else { throw .emptyLabel }
    guard label.count <= maximumLabelLength else { throw .labelTooLong }
    wire.append(UInt8(label.count))
    wire += label
  }

  /// The octet that an escape at `index` (past the backslash) stands for.
  private static func unescape(_ octets: [UInt8], _ index: inout Int) throws(DomainNameError) -> UInt8 {
    guard index < octets.count else { throw .badEscape }
    guard octets[index].isASCIIDigit else {
      defer { index += 1 }
      return octets[index]
    }
    guard index + 2 < octets.count, octets[index + 1].isASCIIDigit, octets[index + 2].isASCIIDigit else {
      throw .badEscape
    }
    let value = octets[index..<(index + 3)].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    index += 3
    guard let octet = UInt8(exactly: value) else { throw .badEscape }
    return octet
  }

  /// The labels from left to right, without the root.
  public var labels: [ArraySlice<UInt8>] {
    var labels: [ArraySlice<UInt8>] = []
    var index = 0
    while wire[index] != 0 {
      let end = index + 1 + Int(wire[index])
      labels.append(wire[(index + 1)..<end])
      index = end
    }
    return labels
  }

  /// The name without its leftmost label; nil for the root.
  public var parent: DomainName? {
    guard wire[0] != 0 else { return nil }
    return DomainName(uncheckedWire: Array(wire[(1 + Int(wire[0]))...]))
  }

  /// Whether the name is `ancestor` or lies below it.
  public func isAtOrBelow(_ ancestor: DomainName) -> Bool {
    guard wire.count >= ancestor.wire.count else { return false }
    let start = wire.count - ancestor.wire.count
    var index = 0
    while index < start { index += 1 + Int(wire[index]) }
    return index == start && wire[start...].elementsEqual(ancestor.wire)
  }

  /// Whether the leftmost label is `*` (RFC 4592 §2.1.1).
  public var isWildcard: Bool { wire.starts(with: [1, 0x2A]) }

  /// Whether every label is letters, digits and inner hyphens, and the last is not all digits (RFC 1123 §2.1).
  ///
  /// The last condition keeps an IPv4 literal from being read as a name.
  public var isHostname: Bool {
    let labels = labels
    guard let last = labels.last, !last.allSatisfy(\.isASCIIDigit) else { return false }
    return labels.allSatisfy { label in
      label.first != 0x2D && label.last != 0x2D
        && label.allSatisfy { $0.isASCIIDigit || $0.isASCIILowercaseLetter || $0 == 0x2D }
    }
  }
}

extension DomainName: CustomStringConvertible {
  /// The name in presentation format with its final dot.
  public var description: String {
    guard wire.count > 1 else { return "." }
    var text = ""
    for label in labels {
      for octet in label {
        switch octet {
        case 0x2E, 0x5C, 0x22, 0x28, 0x29, 0x3B, 0x40, 0x24:
          text += "\\\(Character(Unicode.Scalar(octet)))"
        case 0x21...0x7E:
          text.unicodeScalars.append(Unicode.Scalar(octet))
        default:
          let digits = String(octet)
          text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
      }
      text += "."
    }
    return text
  }

  /// The name in presentation format without its final dot, as Kubernetes and Squid write names.
  public var relativeDescription: String {
    wire.count > 1 ? String(description.dropLast()) : "."
  }
}

extension DomainName: Comparable {
  /// Canonical order: label by label from the right, each by its octets (RFC 4034 §6.1).
  public static func < (left: DomainName, right: DomainName) -> Bool {
    for (l, r) in zip(left.labels.reversed(), right.labels.reversed()) where l != r {
      return l.lexicographicallyPrecedes(r)
    }
    return left.labels.count < right.labels.count
  }
}

/// Why text or octets are not a domain name.
public enum DomainNameError: Error, Equatable, Sendable {
  case empty
  case emptyLabel
  case labelTooLong
  case nameTooLong
  case badEscape
  case notASCII
}

extension DomainNameError: CustomStringConvertible {
  /// The fault in a few words, for diagnostics.
  public var description: String {
    switch self {
    case .empty: "the name is empty"
    case .emptyLabel: "a label is empty"
    case .labelTooLong: "a label is longer than 63 octets"
    case .nameTooLong: "the name is longer than 255 octets"
    case .badEscape: "a backslash escape is not \\DDD or \\X"
    case .notASCII: "a character is outside ASCII; write the label in punycode (xn--…)"
    }
  }
}
