import CSockDiag
import DNSWire
import Glibc

/// The kernel's list of TCP sockets, and the means to close those of others: sock_diag(7) over netlink.
///
/// It shows and closes the sockets of the network namespace in which it was opened. Listing needs no privilege; closing
/// needs CAP_NET_ADMIN and a kernel with CONFIG_INET_DIAG_DESTROY.
struct SocketDiagnostics: ~Copyable {
  /// A connection as the kernel lists it.
  struct Connection {
    /// The other end.
    let peer: IPAddress
    /// The other end's port.
    let peerPort: UInt16
    /// This end's port.
    let localPort: UInt16
    /// What the kernel calls this socket and will never call another.
    let cookie: UInt64
    fileprivate let family: UInt8
    fileprivate let identity: inet_diag_sockid
  }

  /// Why the kernel did not do as it was asked.
  struct Failure: Error, Equatable, CustomStringConvertible {
    /// The system's error number.
    let errno: Int32

    var description: String {
      unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    }
  }

  /// How long the kernel may take for a part of its answer, in seconds: it never does.
  private static let patience = 2
  /// The states in which data may still go one way or the other, as a mask: the client's own end may have been shut.
  private static let openStates: UInt32 = 1 << UInt32(TCP_ESTABLISHED) | 1 << UInt32(TCP_CLOSE_WAIT)
  private static let listening: UInt32 = 1 << UInt32(TCP_LISTEN)

  private let descriptor: Int32
  private var sequence: UInt32 = 0
  /// Room for one part of an answer; the kernel makes none larger.
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  /// Opens the list of the calling thread's network namespace.
  init() throws(Failure) {
    descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), NETLINK_SOCK_DIAG)
    guard descriptor >= 0 else { throw Failure(errno: errno) }
    var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit {
    Glibc.close(descriptor)
  }

  /// The open connections, IPv4 and IPv6, whose local port lies in a range.
  mutating func connections(toPorts ports: ClosedRange<UInt16>) throws(Failure) -> [Connection] {
    try list(Self.openStates, ports)
  }

  /// Closes a connection at once.
  ///
  /// Both ends are told. One that is gone already is no failure.
  mutating func close(_ connection: Connection) throws(Failure) {
    sequence &+= 1
    try send(csockdiag_close(connection.family, connection.identity, sequence))
    do {
      try receive { _ in }
    } catch  where error.errno == ENOENT {
      return
    }
  }

  /// Whether connections can be closed here: tried with a listener of our own, which nobody knows of.
  mutating func canClose() -> Bool {
    guard let listener = Listener() else { return false }
    do {
      let found = try list(Self.listening, listener.port...listener.port)
      guard let own = found.first(where: { $0.localPort == listener.port }) else { return false }
      try close(own)
      return true
    } catch {
      return false
    }
  }

  private mutating func list(
    _ states: UInt32, _ ports: ClosedRange<UInt16>
  ) throws(Failure) -> [Connection] {
    var found: [Connection] = []
    for family in [AF_INET, AF_INET6] {
      sequence &+= 1
      try send(csockdiag_list(UInt8(family), states, ports.lowerBound, ports.upperBound, sequence))
      try receive { found.append($0) }
    }
    return found
  }

  private func send<Request: BitwiseCopyable>(_ request: Request) throws(Failure) {
    let sent = unsafe withUnsafeBytes(of: request) { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
    guard sent == MemoryLayout<Request>.size else { throw Failure(errno: sent < 0 ? errno : EIO) }
  }

  /// Reads the answer to the last request to its end, and hands over each connection of it.
  private mutating func receive(_ body: (Connection) -> Void) throws(Failure) {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Failure(errno: count < 0 ? errno : EIO) }
      var start = 0
      while let header = part(nlmsghdr.self, at: start, before: count),
        case let end = start + Int(header.nlmsg_len), end <= count,
        Int(header.nlmsg_len) >= MemoryLayout<nlmsghdr>.size
      {
        let content = start + MemoryLayout<nlmsghdr>.size
        start += (Int(header.nlmsg_len) + 3) & ~3
        // What is left of an answer that was given up is none to this request.
        guard header.nlmsg_seq == sequence else { continue }
        switch Int32(header.nlmsg_type) {
        case NLMSG_DONE: return
        case NLMSG_ERROR:
          guard let code = part(Int32.self, at: content, before: end) else { throw Failure(errno: EIO) }
          if code != 0 { throw Failure(errno: -code) }
          return
        default:
          if let message = part(inet_diag_msg.self, at: content, before: end), let found = Connection(message) {
            body(found)
          }
        }
      }
    }
  }

  /// The value that stands at an offset of what was received; nil if it is not whole.
  private func part<Value: BitwiseCopyable>(_ type: Value.Type, at offset: Int, before end: Int) -> Value? {
    guard offset + MemoryLayout<Value>.size <= end else { return nil }
    return unsafe buffer.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: type) }
  }
}

extension SocketDiagnostics.Connection {
  /// The connection of an entry of the kernel's list; nil if it is of no family that we know.
  fileprivate init?(_ message: inet_diag_msg) {
    let size = message.idiag_family == UInt8(AF_INET) ? 4 : 16
    let octets = unsafe withUnsafeBytes(of: message.id.idiag_dst) { unsafe Array($0.prefix(size)) }
    guard let peer = IPAddress(octets: octets) else { return nil }
    self.peer = peer
    peerPort = UInt16(bigEndian: message.id.idiag_dport)
    localPort = UInt16(bigEndian: message.id.idiag_sport)
    cookie = UInt64(message.id.idiag_cookie.1) << 32 | UInt64(message.id.idiag_cookie.0)
    family = message.idiag_family
    identity = message.id
  }
}

/// A listener on loopback, at a port that the system chose.
private struct Listener: ~Copyable {
  private let descriptor: Int32
  let port: UInt16

  /// A new listener; nil if there is no loopback.
  init?() {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(descriptor, pointer, length) == 0 && listen(descriptor, 1) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard isListening else { return nil }
  }

  deinit {
    Glibc.close(descriptor)
  }
}
