/// The QNAME of a query: wire format in lower case, with the start of each label.
///
/// Fixed size, so that reading a query allocates nothing. A name has at most 127 labels besides the root's
/// (RFC 1035 §3.1: 255 octets, of which each label takes two at least).
public struct QuestionName: ~Copyable {
  /// The octets; those from `length` on mean nothing.
  public private(set) var octets = InlineArray<256, UInt8>(repeating: 0)
  /// Where each label starts; the last of them is the root's.
  private var starts = InlineArray<128, UInt8>(repeating: 0)
  /// How many octets the name has, the root's included.
  public private(set) var length = 1
  /// How many labels the name has, the root's not counted.
  public private(set) var labelCount = 0

  /// The root.
  public init() {}

  /// Where label `index` starts; `labelCount` is the root's own.
  @inlinable
  public func start(ofLabel index: Int) -> Int { Int(startOctet(index)) }

  @usableFromInline
  func startOctet(_ index: Int) -> UInt8 { starts[index] }

  /// Reads an uncompressed name at `position`; returns where it ends, or nil if it is malformed or compressed.
  ///
  /// A pointer in the question could only point back into the header, so it is refused like any other fault.
  public mutating func read(from message: borrowing Span<UInt8>, at position: Int) -> Int? {
    var source = position
    var target = 0
    var label = 0
    while source < message.count {
      let size = Int(message[source])
      guard size <= DomainName.maximumLabelLength, target + size + 1 <= DomainName.maximumLength,
        source + size < message.count
      else { return nil }
      octets[target] = UInt8(size)
      starts[label] = UInt8(target)
      if size == 0 {
        length = target + 1
        labelCount = label
        return source + 1
      }
      for index in 1...size { octets[target + index] = message[source + index].asciiLowercased }
      source += size + 1
      target += size + 1
      label += 1
    }
    return nil
  }
}
