import DNSWire
import Foundation
import Glibc

/// The TCP sockets of this network namespace that listen or are connected, as the kernel tells them.
struct ListenerTable {
  /// A socket that listens.
  private struct Listener: Hashable {
    /// Its number (inode).
    let number: UInt64
    let address: IPAddress?
  }

  /// By port the sockets that listen on it.
  private var listeners: [UInt16: Set<Listener>] = [:]
  /// By local port how many sockets are connected, or have just been.
  private var connections: [UInt16: Int] = [:]

  /// The sockets there are now.
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

  /// Adds the sockets of a table as `proc(5)` has it:
  /// `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …`.
  private mutating func add(_ text: String) {
    // TCP_LISTEN, and TCP_TIME_WAIT and TCP_CLOSE, in which nothing is transferred any more.
    let (listening, ended) = ("0A", ["06", "07"])
    for line in text.utf8.split(separator: 0x0A).dropFirst() {
      let fields = line.split(separator: 0x20, maxSplits: 10).map { String(decoding: $0, as: UTF8.self) }
      guard fields.count > 9, let colon = fields[1].lastIndex(of: ":"),
        let port = UInt16(fields[1][fields[1].index(after: colon)...], radix: 16), let number = UInt64(fields[9])
      else { continue }
      if fields[3] == listening {
        listeners[port, default: []].insert(Listener(number: number, address: Self.address(fields[1][..<colon])))
      } else if !ended.contains(fields[3]) {
        connections[port, default: 0] += 1
      }
    }
  }

  /// The address that hexadecimal digits say: words of 32 bits, each in the machine's own order.
  private static func address(_ digits: Substring) -> IPAddress? {
    var octets: [UInt8] = []
    var rest = digits
    while !rest.isEmpty {
      guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
      octets += unsafe withUnsafeBytes(of: word) { unsafe Array($0) }
      rest = rest.dropFirst(8)
    }
    return IPAddress(octets: octets)
  }

  /// Whether this user may listen on a port, whoever does so now (`ip_unprivileged_port_start`, CAP_NET_BIND_SERVICE).
  static func mayListen(on port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return result == 0 || errno != EACCES
  }

  /// Whether every port has as many sockets as `count` that `earlier` did not have.
  func hasNew(_ count: Int, on ports: Set<UInt16>, since earlier: ListenerTable) -> Bool {
    ports.allSatisfy { port in
      listeners[port, default: []].subtracting(earlier.listeners[port, default: []]).count >= count
    }
  }

  /// Those of the ports on which somebody listens at one of the addresses, or at all if none is named.
  func taken(_ ports: Set<UInt16>, at addresses: [IPAddress]) -> [UInt16] {
    ports.filter { port in
      listeners[port, default: []].contains { listener in
        guard !addresses.isEmpty, let address = listener.address else { return true }
        return addresses.contains(address) || address.octets.allSatisfy { $0 == 0 }
      }
    }.sorted()
  }

  /// How many connections the listeners of the ports have.
  func connectionCount(on ports: Set<UInt16>) -> Int {
    ports.reduce(0) { $0 + connections[$1, default: 0] }
  }
}
