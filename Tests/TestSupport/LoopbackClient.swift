public import DNSWire
import Glibc

/// A client of one address on loopback: sends a message and takes the answer, over UDP or TCP.
public struct LoopbackClient: ~Copyable {
  /// Why there is no answer.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// How long an answer is waited for, in seconds: longer than any machine is busy.
  private static let patience = 20

  private let descriptor: Int32
  private let isStream: Bool

  /// A client that asks `server` from the IPv4 address `source`.
  public init(from source: IPAddress, to server: Endpoint, overTCP: Bool = false) throws {
    isStream = overTCP
    let kind = overTCP ? SOCK_STREAM : SOCK_DGRAM
    descriptor = socket(AF_INET, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(description: "no socket: errno \(errno)") }
    setPatience(milliseconds: Self.patience * 1000)
    guard unsafe Self.call(Endpoint(address: source, port: 0), { unsafe bind(descriptor, $0, $1) }) == 0,
      unsafe Self.call(server, { unsafe connect(descriptor, $0, $1) }) == 0
    else {
      let error = errno
      // What is whole is torn down as it is thrown away, and closes the descriptor then.
      throw Failure(description: "cannot connect from \(source) to \(server): errno \(error)")
    }
  }

  deinit { close(descriptor) }

  private static func call(
    _ endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
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

  /// Sends octets as they are.
  public func send(_ octets: [UInt8]) throws {
    var sent = 0
    while sent < octets.count {
      let rest = Array(octets[sent...])
      let count = unsafe Glibc.send(descriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
      guard count > 0 else { throw Failure(description: "cannot send: errno \(errno)") }
      sent += count
    }
  }

  /// Sends the same octets again and again until the other end takes no more for a while; bounded.
  public func sendUntilBlocked(_ octets: [UInt8]) throws {
    var time = timeval(tv_sec: 0, tv_usec: 300_000)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    for _ in 0..<200_000 where unsafe Glibc.send(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL)) < octets.count
    {
      return
    }
    throw Failure(description: "the other end took everything")
  }

  /// Changes how long an answer is waited for.
  public func setPatience(milliseconds: Int) {
    var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
  }

  /// Ends the client's side of the stream: the server reads its end.
  public func endInput() {
    _ = shutdown(descriptor, Int32(SHUT_WR))
  }

  /// Receives one message; nil if the server closed the connection.
  public func receive() throws -> [UInt8]? {
    guard isStream else { return try receive(upTo: 65_535) }
    guard let length = try receive(exactly: 2) else { return nil }
    return try receive(exactly: Int(length[0]) << 8 | Int(length[1]))
  }

  /// Sends a message, framed for TCP, and receives one.
  public func ask(_ message: [UInt8]) throws -> [UInt8] {
    try send(isStream ? [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message : message)
    guard let answer = try receive() else { throw Failure(description: "the connection was closed") }
    return answer
  }

  private func receive(exactly count: Int) throws -> [UInt8]? {
    var octets: [UInt8] = []
    while octets.count < count {
      let part = try receive(upTo: count - octets.count)
      if part.isEmpty { return nil }
      octets += part
    }
    return octets
  }

  /// Receives what has come, up to `size` octets; none if the server closed the connection.
  public func receive(upTo size: Int) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: size)
    let count = unsafe recv(descriptor, &buffer, size, 0)
    guard count >= 0 else { throw Failure(description: "no answer: errno \(errno)") }
    return Array(buffer.prefix(count))
  }
}
