public import DNSWire
import Glibc

/// A UDP socket that this value owns.
struct UDPSocket: ~Copyable {
  /// How long a receive blocks before the worker looks up, in microseconds.
  private static let receiveTimeout = 200_000
  /// The receive buffer asked for, in octets: about 10,000 queries.
  ///
  /// The kernel may grant less.
  private static let receiveBufferSize: Int32 = 4 << 20

  let descriptor: Int32
  /// Whether replies must say from which of the machine's addresses they go: the socket is bound to all of them.
  let isWildcard: Bool

  /// Binds a socket to `endpoint`, which others of this process may share.
  init(_ endpoint: Endpoint) throws(SocketError) {
    let address = SocketAddressStorage(endpoint)
    let wildcards = [IPAddress(v4: 0), IPAddress(high: 0, low: 0)]
    descriptor = socket(Int32(address.family), Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    isWildcard = wildcards.contains(endpoint.address)
    guard descriptor >= 0 else { throw SocketError(endpoint: endpoint, errno: errno) }
    set(SOL_SOCKET, SO_REUSEPORT, Int32(1))
    set(SOL_SOCKET, SO_RCVBUF, Self.receiveBufferSize)
    set(SOL_SOCKET, SO_RCVTIMEO, timeval(tv_sec: 0, tv_usec: Self.receiveTimeout))
    if !endpoint.address.isIPv4 { set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, Int32(1)) }
    if isWildcard {
      if endpoint.address.isIPv4 {
        set(Int32(IPPROTO_IP), IP_PKTINFO, Int32(1))
      } else {
        set(Int32(IPPROTO_IPV6), IPV6_RECVPKTINFO, Int32(1))
      }
    }
    guard unsafe address.withPointer({ unsafe bind(descriptor, $0, $1) }) == 0 else {
      let error = errno
      close(descriptor)
      throw SocketError(endpoint: endpoint, errno: error)
    }
  }

  deinit {
    close(descriptor)
  }

  private func set<Value: BitwiseCopyable>(_ level: Int32, _ option: Int32, _ value: Value) {
    var value = value
    _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Value>.size))
  }

  /// The port that the socket is bound to.
  var port: UInt16 {
    var address = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe getsockname(descriptor, pointer, &length)
      }
    }
    // The port has the same place in both families.
    return UInt16(bigEndian: address.sin6_port)
  }
}

/// Why a socket could not be had.
public struct SocketError: Error, Equatable, Sendable {
  /// What the socket was for.
  public let endpoint: Endpoint
  /// The system's error number.
  public let errno: Int32
}

extension SocketError: CustomStringConvertible {
  /// The endpoint, the system's words, and what to do.
  public var description: String {
    let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
    let remedy =
      switch errno {
      case EACCES: "; ports below 1024 need CAP_NET_BIND_SERVICE, or choose a higher one"
      case EADDRINUSE: "; another server has it, choose another port or stop that server"
      case EADDRNOTAVAIL: "; this machine does not have the address"
      default: ""
      }
    return "cannot listen on \(endpoint): \(reason)\(remedy)"
  }
}

/// A socket address in the kernel's layout.
struct SocketAddressStorage {
  private var v4 = sockaddr_in()
  private var v6 = sockaddr_in6()
  private let isIPv4: Bool

  init(_ endpoint: Endpoint) {
    isIPv4 = endpoint.address.isIPv4
    if isIPv4 {
      v4.sin_family = sa_family_t(AF_INET)
      v4.sin_port = endpoint.port.bigEndian
      v4.sin_addr.s_addr = UInt32(truncatingIfNeeded: endpoint.address.low).bigEndian
    } else {
      v6.sin6_family = sa_family_t(AF_INET6)
      v6.sin6_port = endpoint.port.bigEndian
      let words = (endpoint.address.high.bigEndian, endpoint.address.low.bigEndian)
      unsafe withUnsafeMutableBytes(of: &v6.sin6_addr) { target in
        unsafe withUnsafeBytes(of: words) { unsafe target.copyMemory(from: $0) }
      }
    }
  }

  var family: sa_family_t { isIPv4 ? v4.sin_family : v6.sin6_family }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    if isIPv4 {
      unsafe withUnsafePointer(to: v4) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    } else {
      unsafe withUnsafePointer(to: v6) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
  }
}
