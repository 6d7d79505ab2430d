import Foundation

/// The TCP sockets that listen in this network namespace, as the kernel tells them.
struct ListenerTable {
  /// By port the numbers (inodes) of the sockets that listen on it.
  private(set) var sockets: [UInt16: Set<UInt64>] = [:]

  /// The sockets that listen now.
  static func current() -> ListenerTable {
    var table = ListenerTable()
    for file in ["/proc/self/net/tcp", "/proc/self/net/tcp6"] {
      // A kernel without IPv6 has no second file. Read to its end: what reads a file whole by its size stops after the
      // first page of one that has none.
      let content = try? FileHandle(forReadingFrom: URL(filePath: file)).readToEnd()
      table.add(String(decoding: content ?? Data(), as: UTF8.self))
    }
    return table
  }

  /// Adds the listening sockets of a table as `proc(5)` has it:
  /// `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …`.
  mutating func add(_ text: String) {
    let listening = "0A"
    for line in text.utf8.split(separator: 0x0A).dropFirst() {
      let fields = line.split(separator: 0x20, maxSplits: 10)
      guard fields.count > 9, fields[3].elementsEqual(listening.utf8), let colon = fields[1].lastIndex(of: 0x3A),
        let port = UInt16(String(decoding: fields[1][fields[1].index(after: colon)...], as: UTF8.self), radix: 16),
        let inode = UInt64(String(decoding: fields[9], as: UTF8.self))
      else { continue }
      sockets[port, default: []].insert(inode)
    }
  }

  /// Whether every port has as many sockets as `count` that `earlier` did not have.
  func hasNew(_ count: Int, on ports: Set<UInt16>, since earlier: ListenerTable) -> Bool {
    ports.allSatisfy { port in
      sockets[port, default: []].subtracting(earlier.sockets[port, default: []]).count >= count
    }
  }
}
