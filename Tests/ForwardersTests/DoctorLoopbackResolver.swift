import DNSWire
import Forwarders
import Glibc
import Synchronization

/// A resolver on loopback, over UDP and TCP at the same port, that answers as a closure says.
final class LoopbackResolver: Sendable {
  typealias Answer = @Sendable (_ query: [UInt8], _ transport: DNSQuery.Transport) -> [[UInt8]]

  let endpoint: Endpoint
  private let stopped = Atomic(false)

  struct Failure: Error {}

  /// Listens at a free port; each message of `answer` is sent as it is.
  init(_ answer: @escaping Answer) throws {
    let loopback = IPAddress(v4: 0x7F00_0001)
    let stream = try Self.bound(Endpoint(address: loopback, port: 0), SOCK_STREAM)
    guard listen(stream, 8) == 0, let port = Self.port(of: stream) else { throw Failure() }
    endpoint = Endpoint(address: loopback, port: port)
    let datagram = try Self.bound(endpoint, SOCK_DGRAM)
    let work = Context(resolver: self, stream: stream, datagram: datagram, answer: answer)
    let context = unsafe Unmanaged.passRetained(work)
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer = unsafe pointer else { return nil }
        unsafe Unmanaged<Context>.fromOpaque(pointer).takeRetainedValue().run()
        return nil
      }, unsafe context.toOpaque())
    guard result == 0 else {
      unsafe context.release()
      throw Failure()
    }
    pthread_detach(thread)
  }

  /// Ends the thread, which looks for this ten times a second.
  func stop() { stopped.store(true, ordering: .relaxed) }

  private static func bound(_ endpoint: Endpoint, _ kind: __socket_type) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = endpoint.port.bigEndian
    address.sin_addr.s_addr = UInt32(truncatingIfNeeded: endpoint.address.low).bigEndian
    let result = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Failure() }
    return descriptor
  }

  private static func port(of descriptor: Int32) -> UInt16? {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &length)
      }
    }
    return result == 0 ? UInt16(bigEndian: address.sin_port) : nil
  }

  /// What the thread works with.
  private final class Context: Sendable {
    private let resolver: LoopbackResolver
    private let stream: Int32
    private let datagram: Int32
    private let answer: Answer

    init(resolver: LoopbackResolver, stream: Int32, datagram: Int32, answer: @escaping Answer) {
      (self.resolver, self.stream, self.datagram, self.answer) = (resolver, stream, datagram, answer)
    }

    func run() {
      while !resolver.stopped.load(ordering: .relaxed) {
        var entries = [datagram, stream].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard unsafe poll(&entries, 2, 100) > 0 else { continue }
        if entries[0].revents != 0 { answerDatagram() }
        if entries[1].revents != 0 { answerStream() }
      }
      close(stream)
      close(datagram)
    }

    private func answerDatagram() {
      var buffer = [UInt8](repeating: 0, count: 65_535)
      var sender = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      unsafe withUnsafeMutablePointer(to: &sender) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          let count = unsafe recvfrom(datagram, &buffer, buffer.count, 0, address, &length)
          guard count > 0 else { return }
          for message in answer(Array(buffer.prefix(count)), .udp) {
            _ = unsafe sendto(datagram, message, message.count, 0, address, length)
          }
        }
      }
    }

    private func answerStream() {
      let connection = accept(stream, nil, nil)
      guard connection >= 0 else { return }
      defer { close(connection) }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = unsafe recv(connection, &buffer, buffer.count, 0)
      guard count > 2 else { return }
      for message in answer(Array(buffer[2..<count]), .tcp) {
        let framed = [UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message
        // In two parts: a stream may be cut anywhere.
        for part in [Array(framed.prefix(3)), Array(framed.dropFirst(3))] {
          _ = unsafe send(connection, part, part.count, Int32(MSG_NOSIGNAL))
        }
      }
    }
  }
}
