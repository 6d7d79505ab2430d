import Foundation
import Glibc
import Synchronization

/// A failed call.
public struct LoopbackError: Error {
  /// What was called.
  public let call: String
  /// The error's number.
  public let code = errno
}

/// A TCP socket on loopback, with a limit on every wait.
public final class LoopbackSocket: Sendable {
  /// The descriptor; closed with the object.
  public let descriptor: Int32

  /// Takes a descriptor over.
  public init(_ descriptor: Int32) throws {
    guard descriptor >= 0 else { throw LoopbackError(call: "socket") }
    self.descriptor = descriptor
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  deinit { close(descriptor) }

  /// A new socket.
  public convenience init() throws {
    try self.init(socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
  }

  /// Calls `body` with the address of a port of loopback.
  private static func with(
    _ port: UInt16, address host: UInt32 = 0x7F00_0001, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
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

  /// Sends from an address of loopback.
  public func bind(to address: String) throws {
    let host = address.split(separator: ".").compactMap { UInt32($0) }.reduce(0) { $0 << 8 | $1 }
    guard unsafe Self.with(0, address: host, { unsafe Glibc.bind(descriptor, $0, $1) }) == 0 else {
      throw LoopbackError(call: "bind")
    }
  }

  /// Listens on a port; 0 for any.
  public func listen(on port: UInt16 = 0) throws {
    guard unsafe Self.with(port, { unsafe Glibc.bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 512) == 0
    else {
      throw LoopbackError(call: "listen")
    }
  }

  /// Connects to a port.
  public func connect(to port: UInt16) throws {
    guard unsafe Self.with(port, { unsafe Glibc.connect(descriptor, $0, $1) }) == 0 else {
      throw LoopbackError(call: "connect")
    }
  }

  /// The next connection.
  public func accept() throws -> LoopbackSocket {
    try LoopbackSocket(Glibc.accept(descriptor, nil, nil))
  }

  /// The port that it is bound to.
  public var port: UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &size) }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  /// Sends all of a text.
  public func send(_ text: String) throws {
    let octets = Array(text.utf8)
    let flags = Int32(MSG_NOSIGNAL)
    guard unsafe Glibc.send(descriptor, octets, octets.count, flags) == octets.count else {
      throw LoopbackError(call: "send")
    }
  }

  /// What comes next; empty at the end.
  public func receive() throws -> String {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw LoopbackError(call: "recv") }
    return String(decoding: buffer.prefix(count), as: UTF8.self)
  }
}

/// Ports of loopback.
public enum LoopbackPort {
  /// A port that nothing listens on.
  public static func free() throws -> UInt16 {
    let socket = try LoopbackSocket()
    try socket.listen()
    return socket.port
  }
}

/// An origin that sends back what it is sent.
public final class EchoOrigin: Sendable {
  private let listener: LoopbackSocket
  /// Where it listens.
  public let port: UInt16

  /// Starts it.
  public init() throws {
    let listener = try LoopbackSocket()
    try listener.listen()
    self.listener = listener
    port = listener.port
    Thread.detachNewThread {
      while let connection = try? listener.accept() {
        Thread.detachNewThread {
          while let text = try? connection.receive(), !text.isEmpty { try? connection.send(text) }
        }
      }
    }
  }

  deinit { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }
}

/// A CONNECT through a proxy on loopback.
public struct Tunnel {
  /// Why there is none: what the proxy said.
  public struct Refused: Error {
    /// The head of the answer, and what came with it.
    public let answer: String
  }

  /// The connection to the proxy.
  public let socket: LoopbackSocket

  /// Connects from an address of loopback, and asks the proxy at a port of 127.0.0.1 for a destination.
  public init(proxy: UInt16, from source: String = "127.0.0.1", to destination: String) throws {
    socket = try LoopbackSocket()
    try socket.bind(to: source)
    try socket.connect(to: proxy)
    try socket.send("CONNECT \(destination) HTTP/1.1\r\nHost: \(destination)\r\n\r\n")
    let answer = try socket.receive()
    guard answer.hasPrefix("HTTP/1.1 200") else { throw Refused(answer: answer) }
  }

  /// Asks the proxy for a port of 127.0.0.1.
  public init(proxy: UInt16, to port: UInt16) throws {
    try self.init(proxy: proxy, to: "127.0.0.1:\(port)")
  }

  /// Whether a text comes back.
  public func echoes(_ text: String) throws -> Bool {
    try socket.send(text)
    return try socket.receive() == text
  }
}

/// Connects to a port again and again, and counts how often that fails.
public final class RefusalCounter: Sendable {
  private let failures = Atomic(0)
  private let attempts = Atomic(0)
  private let isStopping = Atomic(false)
  private let ended = DispatchSemaphore(value: 0)

  /// Starts to connect.
  public init(port: UInt16) {
    Thread.detachNewThread { [self] in
      while !isStopping.load(ordering: .relaxed) {
        attempts.add(1, ordering: .relaxed)
        if (try? LoopbackSocket().connect(to: port)) == nil { failures.add(1, ordering: .relaxed) }
        usleep(1000)
      }
      ended.signal()
    }
  }

  /// Ends the attempts; how many of them failed.
  public func stop() -> Int {
    isStopping.store(true, ordering: .relaxed)
    ended.wait()
    return attempts.load(ordering: .relaxed) > 100 ? failures.load(ordering: .relaxed) : -1
  }
}

/// A parent proxy that takes every CONNECT, and then sends back what it is sent.
public final class EchoParent: Sendable {
  private let listener: LoopbackSocket
  /// Where it listens.
  public let port: UInt16

  /// Starts it at a port; 0 for any.
  public init(port: UInt16 = 0) throws {
    let listener = try LoopbackSocket()
    try listener.listen(on: port)
    self.listener = listener
    self.port = listener.port
    Thread.detachNewThread {
      while let connection = try? listener.accept() {
        Thread.detachNewThread {
          var head = ""
          while !head.hasSuffix("\r\n\r\n"), let text = try? connection.receive(), !text.isEmpty { head += text }
          try? connection.send("HTTP/1.1 200 Connection established\r\n\r\n")
          while let text = try? connection.receive(), !text.isEmpty { try? connection.send(text) }
        }
      }
    }
  }

  deinit { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }
}
