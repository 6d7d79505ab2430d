import DNSWire
import Glibc

/// A connected socket for one question, with one deadline for all that is done with it.
struct ProbeSocket: ~Copyable {
  private let descriptor: Int32
  private let isStream: Bool
  private let deadline: ContinuousClock.Instant

  /// Connects to `server`, from `source` if there is one.
  init(
    to server: Endpoint, from source: IPAddress?, _ transport: DNSQuery.Transport, milliseconds: Int
  ) throws(DNSClient.Fault) {
    deadline = .now + .milliseconds(milliseconds)
    isStream = transport == .tcp
    let kind = isStream ? SOCK_STREAM : SOCK_DGRAM
    let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    descriptor = socket(SocketAddress.family(of: server), Int32(kind.rawValue) | flags, 0)
    guard descriptor >= 0 else { throw .failure(Self.words(errno)) }
    if let source {
      let local = Endpoint(address: source, port: 0)
      guard source.isIPv4 == server.address.isIPv4,
        unsafe SocketAddress.withPointer(to: local, { unsafe bind(descriptor, $0, $1) }) == 0
      else { throw .failure("cannot ask from \(source)") }
    }
    guard unsafe SocketAddress.withPointer(to: server, { unsafe connect(descriptor, $0, $1) }) != 0 else { return }
    guard errno == EINPROGRESS else { throw .failure(Self.words(errno)) }
    try wait(for: POLLOUT)
    var status: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &length)
    guard status == 0 else { throw status == ETIMEDOUT ? .timeout : .failure(Self.words(status)) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The address that the socket sends from.
  var localAddress: IPAddress? { SocketAddress.local(of: descriptor)?.address }

  /// Sends a message, framed for TCP.
  func send(_ message: [UInt8]) throws(DNSClient.Fault) {
    var rest = isStream ? [UInt8(message.count >> 8 & 0xFF), UInt8(message.count & 0xFF)] + message : message
    while !rest.isEmpty {
      let count = unsafe Glibc.send(descriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
      if count > 0 {
        rest.removeFirst(min(count, rest.count))
      } else {
        try waitUnlessFailed(for: POLLOUT)
      }
    }
  }

  /// Receives one message of at most 65,535 octets.
  func receive() throws(DNSClient.Fault) -> [UInt8] {
    guard isStream else { return try receive(upTo: 65_535) }
    let length = try receive(exactly: 2)
    return try receive(exactly: Int(length[0]) << 8 | Int(length[1]))
  }

  private func receive(exactly count: Int) throws(DNSClient.Fault) -> [UInt8] {
    var octets: [UInt8] = []
    while octets.count < count {
      let part = try receive(upTo: count - octets.count)
      guard !part.isEmpty else { throw .failure("closed the connection") }
      octets += part
    }
    return octets
  }

  private func receive(upTo size: Int) throws(DNSClient.Fault) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: size)
    while true {
      // The deadline holds against a flood of wrong answers too.
      try wait(for: POLLIN)
      let count = unsafe recv(descriptor, &buffer, size, 0)
      if count >= 0 { return Array(buffer.prefix(count)) }
      guard errno == EAGAIN || errno == EINTR else { throw .failure(Self.words(errno)) }
    }
  }

  private func waitUnlessFailed(for event: Int32) throws(DNSClient.Fault) {
    guard errno == EAGAIN || errno == EINTR else { throw .failure(Self.words(errno)) }
    try wait(for: event)
  }

  /// Waits until the socket is ready; throws at the deadline.
  private func wait(for event: Int32) throws(DNSClient.Fault) {
    while true {
      let left = deadline - .now
      let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
      guard left > .zero else { throw .timeout }
      var entry = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: event), revents: 0)
      let ready = unsafe poll(&entry, 1, Int32(clamping: milliseconds + 1))
      if ready > 0 { return }
      if ready < 0, errno != EINTR { throw .failure(Self.words(errno)) }
    }
  }

  private static func words(_ code: Int32) -> String {
    switch code {
    case ECONNREFUSED: "refused the connection"
    case ENETUNREACH, EHOSTUNREACH: "there is no route"
    case ECONNRESET: "reset the connection"
    case EACCES, EPERM: "sending is not permitted here"
    default: "error \(code) of the system"
    }
  }
}
