import DNSWire

/// Address blocks → what the narrowest block that holds an address stands for.
///
/// Blocks nest or are apart, so they flatten into ranges, each with the value of its narrowest block.
struct BlockTable: Sendable {
  private struct Range {
    var first: IPAddress
    var value: UInt32?
  }

  /// By first address; a range ends where the next begins.
  private var v4: [Range] = []
  private var v6: [Range] = []

  /// The table of distinct blocks and their values.
  init(_ blocks: [(block: IPBlock, value: UInt32)]) {
    v4 = Self.flatten(blocks.filter { $0.block.first.isIPv4 })
    v6 = Self.flatten(blocks.filter { !$0.block.first.isIPv4 })
  }

  private static func flatten(_ blocks: [(block: IPBlock, value: UInt32)]) -> [Range] {
    let sorted = blocks.sorted {
      ($0.block.first, $0.block.prefixLength) < ($1.block.first, $1.block.prefixLength)
    }
    var ranges: [Range] = []
    var open: [(last: IPAddress, value: UInt32)] = []
    func close(before address: IPAddress?) {
      while let (last, _) = open.last, address.map({ last < $0 }) ?? true {
        open.removeLast()
        if let next = last.successor { ranges.append(Range(first: next, value: open.last?.value)) }
      }
    }
    for (block, value) in sorted {
      close(before: block.first)
      ranges.append(Range(first: block.first, value: value))
      open.append((block.last, value))
    }
    close(before: nil)
    return ranges
  }

  /// The value of the narrowest block that holds `address`.
  func value(of address: IPAddress) -> UInt32? {
    let ranges = address.isIPv4 ? v4 : v6
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].first <= address { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : ranges[low - 1].value
  }
}

extension IPAddress {
  /// The next address; nil for the last one.
  fileprivate var successor: IPAddress? {
    if low != .max { return IPAddress(high: high, low: low + 1) }
    return high == .max ? nil : IPAddress(high: high + 1, low: 0)
  }
}
