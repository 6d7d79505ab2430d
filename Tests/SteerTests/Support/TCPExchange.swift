import DNSWire
import Glibc
import Testing

/// A TCP exchange in which the client ends its side first.
enum TCPExchange {
  /// Sends octets, ends the sending side, and returns all that comes until the server ends its own.
  static func send(_ octets: [UInt8], thenReceiveFrom server: Endpoint) throws -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var time = timeval(tv_sec: 60, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = server.port.bigEndian
    address.sin_addr.s_addr = UInt32(truncatingIfNeeded: server.address.low).bigEndian
    let status = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(status == 0, "cannot connect: errno \(errno)")
    let sent = unsafe Glibc.send(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL))
    try #require(sent == octets.count, "cannot send: errno \(errno)")
    _ = shutdown(descriptor, Int32(SHUT_WR))
    var received: [UInt8] = []
    while true {
      var part = [UInt8](repeating: 0, count: 65_536)
      let count = unsafe recv(descriptor, &part, part.count, 0)
      try #require(count >= 0, "cannot receive: errno \(errno)")
      if count == 0 { return received }
      received += part.prefix(count)
    }
  }
}
