import DNSWire
import Foundation
import Glibc

/// Ports that nobody has.
enum FreePorts {
  /// Below those that the system hands out, so that none of these is given to anyone meanwhile.
  private static let range: ClosedRange<UInt16> = 10_000...30_000

  /// A number of ports that are free for UDP and TCP on loopback.
  static func take(_ count: Int) throws -> [UInt16] {
    var held: [Int32] = []
    defer { for descriptor in held { close(descriptor) } }
    var ports: [UInt16] = []
    for _ in 0..<1000 where ports.count < count {
      let port = UInt16.random(in: range)
      guard let stream = try? bound(SOCK_STREAM, port: port) else { continue }
      held.append(stream.descriptor)
      guard let datagrams = try? bound(SOCK_DGRAM, port: port) else { continue }
      held.append(datagrams.descriptor)
      ports.append(port)
    }
    guard ports.count == count else { throw POSIXError(.EADDRINUSE) }
    return ports
  }

  /// A socket at a port of loopback, or at a free one for 0.
  static func bound(_ kind: __socket_type, port: UInt16) throws -> (descriptor: Int32, endpoint: Endpoint) {
    let descriptor = socket(AF_INET, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
      }
    }
    guard descriptor >= 0, status == 0 else {
      let error = errno
      close(descriptor)
      throw POSIXError(POSIXErrorCode(rawValue: error) ?? .EADDRINUSE)
    }
    return (descriptor, Endpoint(address: IPAddress(v4: 0x7F00_0001), port: UInt16(bigEndian: address.sin_port)))
  }
}
