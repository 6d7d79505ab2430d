import Foundation

/// How a JSON object is written as a protobuf message.
///
/// As Kubernetes' Go code writes it: fields in the order of their numbers, and those that are no pointer in Go even if
/// they are empty.
struct ProtobufMessage: Sendable {
  /// What a field holds.
  indirect enum Kind: Sendable {
    case string
    case integer
    case flag
    /// A time, which is a message of seconds and nanoseconds.
    case time
    /// A number or a name of a port.
    case integerOrString
    /// A text in a message of its own: a quantity, or `fieldsV1`, whose text is JSON.
    case wrapped
    /// A map whose keys are sorted, and whose values are strings or wrapped.
    case map(Kind)
    case message(ProtobufMessage)
    /// A message whose members are in JSON those of the object around it.
    case inline(ProtobufMessage)
    case list(Kind)
  }

  /// A field and the member of the JSON object that it is of.
  struct Field: Sendable {
    let number: Int
    let name: String
    let kind: Kind
    /// Whether it is written even if the object has no such member.
    let isAlways: Bool

    static func always(_ number: Int, _ name: String, _ kind: Kind) -> Field {
      Field(number: number, name: name, kind: kind, isAlways: true)
    }

    static func ifSet(_ number: Int, _ name: String, _ kind: Kind) -> Field {
      Field(number: number, name: name, kind: kind, isAlways: false)
    }
  }

  let fields: [Field]

  init(_ fields: Field...) { self.fields = fields }

  /// The message of an object.
  func encode(_ object: JSON) -> [UInt8] {
    var writer = ProtobufWriter()
    for field in fields {
      if case .inline(let message) = field.kind {
        writer.write(field.number, octets: message.encode(object))
        continue
      }
      let value = object[field.name]
      guard field.isAlways || value != nil, value != .null || field.isAlways else { continue }
      Self.write(value ?? .null, as: field.kind, field.number, to: &writer)
    }
    return writer.octets
  }

  private static func write(_ value: JSON, as kind: Kind, _ number: Int, to writer: inout ProtobufWriter) {
    switch kind {
    case .string: writer.write(number, string: value.text ?? "")
    case .integer: writer.write(number, integer: value.integer ?? 0)
    case .flag: writer.write(number, integer: value == true ? 1 : 0)
    case .time: writer.write(number, octets: time(value.text))
    case .integerOrString: writer.write(number, octets: integerOrString(value))
    case .wrapped:
      var inner = ProtobufWriter()
      inner.write(1, octets: value.text.map { Array($0.utf8) } ?? value.compact)
      writer.write(number, octets: inner.octets)
    case .map(let kind):
      for member in value.members.sorted(by: { $0.name < $1.name }) {
        var entry = ProtobufWriter()
        entry.write(1, string: member.name)
        write(member.value, as: kind, 2, to: &entry)
        writer.write(number, octets: entry.octets)
      }
    case .message(let message), .inline(let message): writer.write(number, octets: message.encode(value))
    case .list(let kind):
      for element in value.elements { write(element, as: kind, number, to: &writer) }
    }
  }

  private static func time(_ text: String?) -> [UInt8] {
    guard let text, let date = try? Date(text, strategy: .iso8601) else { return [] }
    var time = ProtobufWriter()
    time.write(1, integer: Int(date.timeIntervalSince1970))
    time.write(2, integer: 0)
    return time.octets
  }

  private static func integerOrString(_ value: JSON) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.write(1, integer: value.text == nil ? 0 : 1)
    writer.write(2, integer: value.integer ?? 0)
    writer.write(3, string: value.text ?? "")
    return writer.octets
  }
}
