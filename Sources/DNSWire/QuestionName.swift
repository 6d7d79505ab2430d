/// The QNAME of a query: wire format in lower case, with the start of each label.
///
/// Made once and read into again and again, so that reading a query allocates nothing. Its storage is its own and does
/// not move: lending the name costs a pointer. A name has at most 127 labels besides the root's (RFC 1035 §3.1: 255
/// octets, of which each label takes two at least).
@frozen
@safe
public struct QuestionName: ~Copyable {
  /// 256 octets for the name, then 128 for where its labels start; the last of them is the root's.
  @usableFromInline let storage: UnsafeMutablePointer<UInt8>
  /// How many octets the name has, the root's included.
  public private(set) var length = 1
  /// How many labels the name has, the root's not counted.
  public private(set) var labelCount = 0

  @usableFromInline static var startsOffset: Int { 256 }
  private static let storageSize = 384

  /// The root.
  public init() {
    unsafe storage = .allocate(capacity: Self.storageSize)
    unsafe storage.initialize(repeating: 0, count: Self.storageSize)
  }

  deinit {
    unsafe storage.deallocate()
  }

  // The masks keep every index inside the storage, whatever is asked for.

  /// The octet at `index`; those from `length` on mean nothing.
  @inlinable
  public subscript(index: Int) -> UInt8 { unsafe storage[index & 0xFF] }

  /// Where label `index` starts; `labelCount` is the root's own.
  @inlinable
  public func start(ofLabel index: Int) -> Int { Int(unsafe storage[Self.startsOffset + (index & 0x7F)]) }

  /// Reads an uncompressed name at `position`; returns where it ends, or nil if it is malformed or compressed.
  ///
  /// A pointer in the question could only point back into the header, so it is refused like any other fault.
  public mutating func read(from message: borrowing Span<UInt8>, at position: Int) -> Int? {
    guard position >= 0 else { return nil }
    let storage = unsafe storage
    var label = 0
    let end: Int? = unsafe message.withUnsafeBufferPointer { message in
      guard let base = message.baseAddress else { return nil }
      // Within 255 octets there are at most 127 labels and the root: their starts fit the storage too.
      let limit = min(message.count, position + DomainName.maximumLength)
      var source = position
      while source < limit {
        let size = Int(unsafe message[source])
        guard size <= DomainName.maximumLabelLength else { return nil }
        unsafe storage[Self.startsOffset + label] = UInt8(truncatingIfNeeded: source - position)
        source += size + 1
        guard size == 0 else {
          label += 1
          continue
        }
        // No length octet is an ASCII letter, so all octets are made small alike, many at a time.
        let octets = unsafe base + position
        for index in 0..<(source - position) { unsafe storage[index] = octets[index].asciiLowercased }
        return source
      }
      return nil
    }
    guard let end else { return nil }
    length = end - position
    labelCount = label
    return end
  }

  /// Reads the labels of `name` from `label` on.
  public mutating func read(labelsFrom label: Int, of name: borrowing QuestionName) {
    let start = name.start(ofLabel: label)
    length = name.length - start
    labelCount = name.labelCount - label
    for index in 0..<length { set(name[start + index], at: index) }
    for index in 0...labelCount {
      set(UInt8(truncatingIfNeeded: name.start(ofLabel: label + index) - start), at: Self.startsOffset + index)
    }
  }

  /// Puts the uncompressed name at `position` of `octets` in place of the labels from `label` on, as a DNAME does
  /// (RFC 6672 §2.2); false, and nothing changes, if the name would be too long or there is none at `position`.
  public mutating func substitute(labelsFrom label: Int, by octets: borrowing Span<UInt8>, at position: Int) -> Bool {
    let prefix = start(ofLabel: label)
    var end = position
    while end < octets.count, octets[end] != 0 { end += 1 + Int(octets[end]) }
    guard end < octets.count, prefix + end + 1 - position <= DomainName.maximumLength else { return false }
    var name = InlineArray<256, UInt8>(repeating: 0)
    for index in 0..<prefix { name[index] = self[index] }
    for index in position...end { name[prefix + index - position] = octets[index] }
    return read(from: name.span, at: 0) != nil
  }

  /// The name as a value.
  public var domainName: DomainName? { try? DomainName(wire: (0..<length).map { self[$0] }) }

  private mutating func set(_ octet: UInt8, at index: Int) {
    guard index < Self.storageSize else { return }
    unsafe storage[index] = octet
  }
}
