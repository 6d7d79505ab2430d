import DNSWire

/// A hash of a name that grows label by label from the right, so that one walk gives every suffix its hash.
enum NameHash {
  /// The hash of no label in the space `space`; each zone is a space of its own.
  static func seed(_ space: UInt32) -> UInt64 {
    (0xCBF2_9CE4_8422_2325 ^ UInt64(space)) &* 0x9E37_79B9_7F4A_7C15
  }

  /// The hash with one octet more (FNV-1a).
  @inline(__always)
  static func adding(_ octet: UInt8, to hash: UInt64) -> UInt64 {
    (hash ^ UInt64(octet)) &* 0x100_0000_01B3
  }

  /// The hash with label `label` of `name` more.
  @inline(__always)
  static func adding(label: Int, of name: borrowing QuestionName, to hash: UInt64) -> UInt64 {
    var hash = hash
    let start = name.start(ofLabel: label)
    for index in start...(start + Int(name[start])) { hash = adding(name[index], to: hash) }
    return hash
  }

  /// The hash of the labels in `octets` (wire format without the root), taken from the right.
  static func hash(_ octets: some Collection<UInt8>, space: UInt32) -> UInt64 {
    var labels: [[UInt8]] = []
    var rest = Array(octets)[...]
    while let length = rest.first {
      labels.append(Array(rest.prefix(Int(length) + 1)))
      rest = rest.dropFirst(Int(length) + 1)
    }
    return labels.reversed().reduce(seed(space)) { hash, label in
      label.reduce(hash) { adding($1, to: $0) }
    }
  }
}

/// Names → dense indexes: open addressing over one octet array, immutable once built.
///
/// A key is a space and the labels of a name relative to that space, in wire format without the root.
struct NameTable: Sendable {
  private struct Key {
    var space: UInt32
    var start: UInt32
    var length: UInt32
  }

  /// Per slot the hash's upper half and the index plus one; 0 is empty.
  private var slots: [UInt64] = Array(repeating: 0, count: 16)
  private var keys: [Key] = []
  private var octets: [UInt8] = []

  /// How many names there are.
  var count: Int { keys.count }

  private static func spread(_ hash: UInt64) -> UInt64 {
    let mixed = (hash ^ hash >> 32) &* 0xD6E8_FEB8_6659_FD93
    return mixed ^ mixed >> 32
  }

  /// The index of the labels of `name` from label `first` up to label `end`, whose hash is `hash`; nil if absent.
  func find(
    _ name: borrowing QuestionName, labels first: Int, to end: Int, hash: UInt64, space: UInt32
  ) -> Int? {
    let start = name.start(ofLabel: first)
    let length = name.start(ofLabel: end) - start
    let spread = Self.spread(hash)
    var slot = Int(truncatingIfNeeded: spread) & (slots.count - 1)
    while slots[slot] != 0 {
      if slots[slot] >> 32 == spread >> 32 {
        let index = Int(slots[slot] & 0xFFFF_FFFF) - 1
        if matches(keys[index], name, start, length, space) { return index }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  @inline(__always)
  private func matches(
    _ key: Key, _ name: borrowing QuestionName, _ start: Int, _ length: Int, _ space: UInt32
  ) -> Bool {
    guard key.space == space, Int(key.length) == length else { return false }
    let keyStart = Int(key.start)
    for offset in 0..<length where octets[keyStart + offset] != name[start + offset] { return false }
    return true
  }

  /// The index of a name, which is added if it is new.
  mutating func insert(_ labels: some Collection<UInt8>, space: UInt32) -> Int {
    if let index = find(labels, space: space) { return index }
    if keys.count * 2 >= slots.count { grow() }
    keys.append(Key(space: space, start: UInt32(octets.count), length: UInt32(labels.count)))
    octets += labels
    place(keys.count - 1, hash: NameHash.hash(labels, space: space))
    return keys.count - 1
  }

  /// The index of a name; nil if absent.
  func find(_ labels: some Collection<UInt8>, space: UInt32) -> Int? {
    let spread = Self.spread(NameHash.hash(labels, space: space))
    var slot = Int(truncatingIfNeeded: spread) & (slots.count - 1)
    while slots[slot] != 0 {
      let index = Int(slots[slot] & 0xFFFF_FFFF) - 1
      let key = keys[index]
      if key.space == space, octets[Int(key.start)..<Int(key.start + key.length)].elementsEqual(labels) {
        return index
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The labels of the name at an index, in wire format without the root.
  func labels(at index: Int) -> ArraySlice<UInt8> {
    let start = Int(keys[index].start)
    return octets[start..<(start + Int(keys[index].length))]
  }

  private mutating func place(_ index: Int, hash: UInt64) {
    let spread = Self.spread(hash)
    var slot = Int(truncatingIfNeeded: spread) & (slots.count - 1)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = spread & 0xFFFF_FFFF_0000_0000 | UInt64(index + 1)
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for (index, key) in keys.enumerated() {
      place(index, hash: NameHash.hash(octets[Int(key.start)..<Int(key.start + key.length)], space: key.space))
    }
  }
}
