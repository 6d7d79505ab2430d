import DNSWire
import Foundation
import Glibc
import Synchronization

/// A proxy on loopback that answers every request with the same octets, or with none.
final class ProxyStandIn: Sendable {
  /// Where it listens.
  let endpoint: Endpoint
  private let descriptor: Int32
  private let seen = Mutex<[String]>([])

  /// A proxy that answers with `answer`; nil reads the request and says nothing; empty closes the connection.
  init(answering answer: String?, port: UInt16 = 0) throws {
    let loopback = IPAddress(v4: 0x7F00_0001)
    let listener = try StreamSocket.listen(at: loopback, port: port)
    endpoint = Endpoint(address: loopback, port: listener.port)
    descriptor = listener.descriptor
    let listening = Shared(listener)
    Thread.detachNewThread { [weak self] in
      var silent: [Shared] = []
      while let connection = try? listening.socket.accept() {
        let request = connection.readRequest()
        self?.seen.withLock { $0.append(request) }
        if let answer { connection.write(answer) } else { silent.append(Shared(connection)) }
      }
    }
  }

  deinit { stop() }

  /// Listens no more; the thread then ends.
  func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// The requests that came, each to its empty line.
  var requests: [String] { seen.withLock { $0 } }

  /// A socket that a closure may hold.
  private final class Shared: Sendable {
    let socket: StreamSocket

    init(_ socket: consuming StreamSocket) { self.socket = socket }
  }
}

extension StreamSocket {
  /// Reads to the empty line that ends the head of a request, or to the end of what is sent.
  func readRequest() -> String {
    var request: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: request, as: UTF8.self).hasSuffix("\r\n\r\n") {
      let count = unsafe recv(descriptor, &part, part.count, 0)
      guard count > 0 else { break }
      request += part[..<count]
    }
    return String(decoding: request, as: UTF8.self)
  }

  /// Writes text.
  func write(_ text: String) {
    let octets = Array(text.utf8)
    _ = unsafe send(descriptor, octets, octets.count, Int32(MSG_NOSIGNAL))
  }
}
