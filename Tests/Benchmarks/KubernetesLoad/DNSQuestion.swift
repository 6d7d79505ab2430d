import Glibc

/// A question for a name of five letters under `load.test` over UDP, asked from an address of loopback.
struct DNSQuestion {
  /// What came of it.
  enum Outcome {
    case answered(SteeredAnswer)
    /// An answer that says neither, such as SERVFAIL.
    case refused(code: UInt8)
    /// None within the time.
    case lost
  }

  /// The length of the name in the question.
  private static let nameLength = 17

  /// A port of 127.0.0.1 that is free now.
  static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe with(127 << 24 | 1, 0) { unsafe bind(descriptor, $0, $1) } == 0
    let isNamed = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &size) }
    }
    guard isBound, isNamed == 0 else { throw NoPort() }
    return UInt16(bigEndian: address.sin_port)
  }

  /// No port is free, or no socket can be made.
  struct NoPort: Error {}

  /// Asks for a host from an address, and waits for so long.
  static func ask(_ host: String = "proxy", from address: SlotAddress, port: UInt16, seconds: Int = 2) -> Outcome {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return .lost }
    defer { close(descriptor) }
    var patience = timeval(tv_sec: seconds, tv_usec: 0)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let isBound = unsafe with(address.number, 0) { unsafe bind(descriptor, $0, $1) } == 0
    let isConnected = unsafe with(127 << 24 | 1, port) { unsafe connect(descriptor, $0, $1) } == 0
    guard isBound, isConnected else { return .lost }
    let number = UInt16.random(in: 0...UInt16.max)
    let query: [UInt8] =
      [UInt8(number >> 8), UInt8(number & 0xFF), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
      + Array("\u{5}\(host)\u{4}load\u{4}test\0".utf8) + [0, 1, 0, 1]
    guard unsafe send(descriptor, query, query.count, 0) == query.count else { return .lost }
    var reply = [UInt8](repeating: 0, count: 512)
    let count = unsafe recv(descriptor, &reply, reply.count, 0)
    guard count >= 12, reply[0...1] == query[0...1] else { return .lost }
    return outcome(of: reply[..<count])
  }

  /// The address of the only answer, which stands at the end of the answer section, right after the question.
  private static func outcome(of reply: ArraySlice<UInt8>) -> Outcome {
    switch reply[3] & 0xF {
    case 3: return .answered(.nothing)
    case 0 where reply[7] == 1:
      // The question, a name of two octets that points to it, type, class, TTL and length.
      let data = reply.dropFirst(12 + nameLength + 4 + 12).prefix(4)
      return .answered(.address(data.reduce(0) { $0 << 8 | UInt32($1) }))
    case let code: return .refused(code: code)
    }
  }

  private static func with(
    _ host: UInt32, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = host.bigEndian
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
