import DNSWire
import Yams

/// A value of a document: what it is, where it stands, and what it is called in messages.
struct Value {
  /// The YAML node.
  let node: Node
  /// Its path in the document, such as `spec.egress[0].action`.
  let path: String
  /// The part of the file it is from.
  let source: Source

  /// Where it stands.
  var location: SourceLocation { source.location(node.mark) }

  /// Reports a fault of the value; the message goes on from the value's path.
  func report(_ code: DiagnosticCode, _ problem: String) {
    source.findings.report(code, at: location, "\(path) \(problem)")
  }

  /// The value with its place.
  func located<T>(_ value: T) -> Located<T> { Located(value, at: location) }

  /// The scalar's text whatever its type, or nil.
  var scalarText: String? { node.scalar?.string }

  /// Whether the value is null, which Kubernetes treats as left out.
  var isNull: Bool { ScalarType(node) == .null }

  /// The text; a fault is reported.
  func string() -> String? {
    guard ScalarType(node) == .string, let text = scalarText else {
      reportType("text")
      return nil
    }
    guard text.utf8.count <= Limits.stringLength else {
      report(.invalidValue, "is longer than \(Limits.stringLength) octets; shorten it")
      return nil
    }
    // Values end up in the proxy's configuration, one line each.
    guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
      report(.invalidValue, "has a line break or another control character; write it on one line without")
      return nil
    }
    return text
  }

  /// The number, if it lies in `range`; a fault is reported.
  func integer(in range: ClosedRange<Int>) -> Int? {
    guard ScalarType(node) == .integer, let text = scalarText else {
      reportType("a whole number")
      return nil
    }
    guard let number = Int(text), range.contains(number) else {
      report(
        .invalidValue,
        "\(text.prefix(20)) is out of range; use \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return number
  }

  /// The truth value; a fault is reported.
  func boolean() -> Bool? {
    guard ScalarType(node) == .boolean, let text = scalarText else {
      reportType("true or false")
      return nil
    }
    return ["true", "yes", "on"].contains(text.lowercased())
  }

  /// The fields of a mapping; a fault is reported.
  func fields() -> FieldReader? {
    guard let mapping = node.mapping else {
      reportType("a mapping")
      return nil
    }
    return FieldReader(mapping, of: self)
  }

  /// The items of a list, or nil after a fault, which is reported.
  func items(atLeast minimum: Int = 0, atMost maximum: Int = Limits.listItems) -> [Value]? {
    guard let sequence = node.sequence else {
      reportType("a list")
      return nil
    }
    guard sequence.count >= minimum else {
      report(.invalidValue, "is an empty list; write at least one item")
      return nil
    }
    guard sequence.count <= maximum else {
      report(.tooMany, "has \(sequence.count) items; use at most \(maximum)")
      return nil
    }
    return sequence.enumerated().map { index, item in
      Value(node: item, path: "\(path)[\(index)]", source: source)
    }
  }

  /// Text that is one of an enumeration's raw values; a fault is reported.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type = Choice.self) -> Choice? {
    guard let text = string() else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let known = Choice.allCases.map(\.rawValue)
    report(
      .invalidValue,
      "is '\(text)', which is not one of \(known.joined(separator: ", "))"
        + NearestName.suggestion(for: text, among: known) + "; use one of these")
    return nil
  }

  private func reportType(_ expected: String) {
    let remedy: String
    if expected == "text", node.scalar != nil, !isNull {
      remedy = "put it in quotes if text is meant"
    } else if let scalar = node.scalar, scalar.style == .doubleQuoted || scalar.style == .singleQuoted {
      remedy = "write \(expected) without quotes"
    } else {
      remedy = "write \(expected)"
    }
    report(.wrongType, "must be \(expected), but is \(ScalarType.describe(node)); \(remedy)")
  }
}

/// What an unquoted scalar stands for, by the rules that kubectl goes by.
enum ScalarType {
  case null
  case boolean
  case integer
  case decimal
  case string

  /// The type of a scalar; nil for lists and mappings.
  init?(_ node: Node) {
    guard let scalar = node.scalar else { return nil }
    let text = scalar.string
    guard scalar.style == .plain, scalar.tag.rawValue.isEmpty else {
      self = .string
      return
    }
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no", "No", "NO",
      "on", "On", "ON", "off", "Off", "OFF":
      self = .boolean
    default:
      let digits = text.utf8.first == 0x2D ? text.utf8.dropFirst() : text.utf8[...]
      if digits.first != 0x30 || digits.count == 1, !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit) {
        self = .integer
      } else if let first = text.utf8.first, first < 0x3A, Double(text) != nil {
        self = .decimal
      } else {
        self = .string
      }
    }
  }

  /// The node in words, for messages.
  static func describe(_ node: Node) -> String {
    let text = node.scalar.map { String($0.string.prefix(40)) } ?? ""
    switch ScalarType(node) {
    case nil: return node.mapping == nil ? "a list" : "a mapping"
    case .null: return "empty"
    case .boolean: return "the truth value \(text)"
    case .integer, .decimal: return "the number \(text)"
    case .string: return "the text '\(text)'"
    }
  }
}
