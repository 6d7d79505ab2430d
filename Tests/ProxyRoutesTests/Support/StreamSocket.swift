import DNSWire
import Glibc

/// A TCP socket of a test's own.
struct StreamSocket: ~Copyable, Sendable {
  /// What the system says to a call that failed.
  struct Failure: Error {
    let errno: Int32
  }

  /// The socket.
  let descriptor: Int32

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// A listener at an address; at `::` it takes IPv4 too, as Squid's does.
  static func listen(at address: IPAddress, port: UInt16 = 0, backlog: Int32 = 128) throws -> StreamSocket {
    let listener = try StreamSocket(family: address)
    var on: Int32 = 1
    _ = unsafe setsockopt(listener.descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
    try check(
      unsafe call(Endpoint(address: address, port: port)) { unsafe bind(listener.descriptor, $0, $1) } == 0)
    try check(Glibc.listen(listener.descriptor, backlog) == 0)
    return listener
  }

  /// A socket that has a port and does not listen: who connects to it is refused.
  static func bound(to address: IPAddress) throws -> StreamSocket {
    let socket = try StreamSocket(family: address)
    try check(unsafe call(Endpoint(address: address, port: 0)) { unsafe bind(socket.descriptor, $0, $1) } == 0)
    return socket
  }

  /// A listener at loopback that takes no further connection, and `queued`, which are why.
  static func full() throws -> Full {
    let loopback = IPAddress(v4: 0x7F00_0001)
    let listener = try listen(at: loopback, backlog: 0)
    let endpoint = Endpoint(address: loopback, port: listener.port)
    return Full(listener: listener, queued: try connect(from: loopback, to: endpoint))
  }

  /// What `full` makes.
  struct Full: ~Copyable {
    let listener: StreamSocket
    let queued: StreamSocket
  }

  /// Ends what is sent by this side.
  func shutDown() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  /// A connection from an address of ours to a listener.
  static func connect(from source: IPAddress, to target: Endpoint) throws -> StreamSocket {
    let client = try StreamSocket(family: target.address)
    try check(unsafe call(Endpoint(address: source, port: 0)) { unsafe bind(client.descriptor, $0, $1) } == 0)
    try check(unsafe call(target) { unsafe Glibc.connect(client.descriptor, $0, $1) } == 0)
    return client
  }

  private init(family: IPAddress) throws {
    descriptor = socket(
      family.isIPv4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    try Self.check(descriptor >= 0)
  }

  /// The next connection that a client made.
  func accept() throws -> StreamSocket {
    let accepted = Glibc.accept(descriptor, nil, nil)
    try Self.check(accepted >= 0)
    return StreamSocket(accepted)
  }

  private static func check(_ isDone: Bool) throws {
    guard isDone else { throw Failure(errno: errno) }
  }

  /// The port on this side.
  var port: UInt16 {
    var address = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &length)
      }
    }
    // The port has the same place in both families.
    return UInt16(bigEndian: address.sin6_port)
  }

  /// Whether the other end can still be written to and has not closed.
  var isOpen: Bool {
    var octet: UInt8 = 0
    let count = unsafe recv(descriptor, &octet, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    return count > 0 || (count < 0 && errno == EAGAIN)
  }

  private static func call(_ endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    if endpoint.address.isIPv4 {
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
}
