import DNSWire
import Glibc
import TestSupport

/// A UDP socket on loopback that takes messages of anyone, and answers them.
struct DatagramPeer: ~Copyable {
  private let descriptor: Int32
  /// Where it receives.
  let endpoint: Endpoint

  /// A peer at a free port.
  init() throws {
    (descriptor, endpoint) = try FreePorts.bound(SOCK_DGRAM, port: 0)
  }

  deinit { close(descriptor) }

  /// The next message, and whose it is; throws if there is none for longer than any machine is busy.
  func next() throws -> (message: [UInt8], sender: Sender) {
    guard let received = receive(within: 20_000) else { throw Silence() }
    return received
  }

  /// That nothing came.
  struct Silence: Error {}

  /// The next message, and whose it is; nil if there is none for a time.
  func receive(within milliseconds: Int) -> (message: [UInt8], sender: Sender)? {
    var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var buffer = [UInt8](repeating: 0, count: 65_535)
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let count = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
      }
    }
    return count < 0 ? nil : (Array(buffer.prefix(count)), Sender(address: address))
  }

  /// Sends a message.
  func send(_ message: [UInt8], to sender: Sender) {
    var address = sender.address
    _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe sendto(descriptor, message, message.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// Whom a message is from.
  struct Sender {
    fileprivate var address: sockaddr_in
  }
}
