import DNSWire
import Glibc

/// An endpoint as the kernel reads and writes it.
enum SocketAddress {
  /// The address family of an endpoint.
  static func family(of endpoint: Endpoint) -> Int32 { endpoint.address.isIPv4 ? AF_INET : AF_INET6 }

  /// Hands an endpoint as `sockaddr` to `body`.
  static func withPointer(
    to endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    guard endpoint.address.isIPv4 else {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = endpoint.port.bigEndian
      unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { unsafe $0.copyBytes(from: endpoint.address.octets) }
      return unsafe withUnsafePointer(to: address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = endpoint.port.bigEndian
    address.sin_addr.s_addr = UInt32(truncatingIfNeeded: endpoint.address.low).bigEndian
    return unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// The local endpoint of a socket; nil if it has none.
  static func local(of descriptor: Int32) -> Endpoint? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &length)
      }
    }
    guard result == 0 else { return nil }
    let octets = unsafe withUnsafeBytes(of: storage) { unsafe Array($0) }
    // Family, port and IPv4 address, or family, port, flow and IPv6 address: the layouts of sockaddr_in and _in6.
    let address =
      Int32(storage.ss_family) == AF_INET ? IPAddress(octets: octets[4..<8]) : IPAddress(octets: octets[8..<24])
    return address.map { Endpoint(address: $0, port: UInt16(octets[2]) << 8 | UInt16(octets[3])) }
  }
}
