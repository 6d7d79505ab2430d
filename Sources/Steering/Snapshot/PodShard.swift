import DNSWire

/// Some of the addresses of a pod index: open addressing over a list of entries.
struct PodShard: Sendable {
  /// An address and whose it is.
  struct Entry: Sendable {
    var address: IPAddress
    /// The identity, by its place in the index.
    var identity: UInt32
    /// The pod's name in its namespace.
    var name: String
  }

  /// In no order.
  private(set) var entries: [Entry] = []
  /// Places of entries plus one, where 0 is empty; none at all until there is an entry.
  private var slots: [UInt32] = []

  /// The hash of an address: the lower half is for the choice of a shard, the upper half for the place in it.
  static func hash(of address: IPAddress) -> UInt64 {
    var hash = (address.high ^ 0x9E37_79B9_7F4A_7C15) &* 0xD6E8_FEB8_6659_FD93
    hash = (hash ^ hash >> 32 ^ address.low) &* 0xD6E8_FEB8_6659_FD93
    return hash ^ hash >> 32
  }

  private func firstSlot(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash >> 32) & (slots.count - 1)
  }

  /// The place of the entry of an address; nil if there is none.
  func place(of address: IPAddress, hash: UInt64) -> Int? {
    if slots.isEmpty { return nil }
    var slot = firstSlot(hash)
    while slots[slot] != 0 {
      let place = Int(slots[slot]) - 1
      if entries[place].address == address { return place }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// Adds an entry, or puts it in the place of the one with its address; whether its address is new.
  mutating func set(_ entry: Entry, hash: UInt64) -> Bool {
    if let place = place(of: entry.address, hash: hash) {
      entries[place] = entry
      return false
    }
    entries.append(entry)
    if entries.count * 2 > slots.count {
      slots = Array(repeating: 0, count: max(slots.count * 2, 8))
      for place in entries.indices { addSlot(of: place) }
    } else {
      addSlot(of: entries.count - 1)
    }
    return true
  }

  /// Takes the entry of an address away; whether there was one.
  mutating func remove(_ address: IPAddress, hash: UInt64) -> Bool {
    guard let place = place(of: address, hash: hash) else { return false }
    let gap = slot(of: place)
    let last = entries.count - 1
    if place != last {
      slots[slot(of: last)] = UInt32(place + 1)
      entries.swapAt(place, last)
    }
    entries.removeLast()
    closeGap(at: gap)
    return true
  }

  /// Gives every entry another number for its identity.
  mutating func renumber(_ number: (UInt32) -> UInt32) {
    for place in entries.indices { entries[place].identity = number(entries[place].identity) }
  }

  private mutating func addSlot(of place: Int) {
    var slot = firstSlot(Self.hash(of: entries[place].address))
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = UInt32(place + 1)
  }

  /// The slot that refers to an entry, which has one.
  private func slot(of place: Int) -> Int {
    var slot = firstSlot(Self.hash(of: entries[place].address))
    while slots[slot] != UInt32(place + 1) { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  /// Empties a slot, and moves up those behind it that a search would else not reach any more.
  private mutating func closeGap(at slot: Int) {
    var gap = slot
    slots[gap] = 0
    var next = (gap + 1) & (slots.count - 1)
    while slots[next] != 0 {
      let home = firstSlot(Self.hash(of: entries[Int(slots[next]) - 1].address))
      if (next - home) & (slots.count - 1) >= (next - gap) & (slots.count - 1) {
        slots[gap] = slots[next]
        slots[next] = 0
        gap = next
      }
      next = (next + 1) & (slots.count - 1)
    }
  }
}
