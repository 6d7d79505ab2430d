/// Writes fields of a protobuf message.
struct ProtobufWriter {
  private(set) var octets: [UInt8] = []

  /// A field of a number, varint; negative ones have ten octets.
  mutating func write(_ field: Int, integer: Int) {
    varint(UInt64(field << 3))
    varint(UInt64(bitPattern: Int64(integer)))
  }

  /// A field of a string.
  mutating func write(_ field: Int, string: String) { write(field, octets: Array(string.utf8)) }

  /// A field of octets, or of a message.
  mutating func write(_ field: Int, octets content: [UInt8]) {
    varint(UInt64(field << 3 | 2))
    varint(UInt64(content.count))
    octets += content
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      octets.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    octets.append(UInt8(truncatingIfNeeded: rest))
  }
}

/// What is around every message of the API: the magic number, and `Unknown`, which says what is inside.
enum ProtobufEnvelope {
  static func wrap(_ message: [UInt8], apiVersion: String, kind: String) -> [UInt8] {
    var type = ProtobufWriter()
    type.write(1, string: apiVersion)
    type.write(2, string: kind)
    var unknown = ProtobufWriter()
    unknown.write(1, octets: type.octets)
    unknown.write(2, octets: message)
    unknown.write(3, string: "")
    unknown.write(4, string: "")
    return Array("k8s\0".utf8) + unknown.octets
  }
}
