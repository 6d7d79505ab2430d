import Foundation
import Glibc

@testable import ProxyRoutes

/// A stream socket with a limit on every wait, from which lines are read.
final class UnixStream {
  /// What is no line: a failed call, or the end of the stream.
  enum Fault: Error {
    case failed(String, Int32)
  }

  let descriptor: Int32
  private var input = LineSplitter(limit: 100_000)

  /// A stream on a connected socket, which it owns.
  init(_ descriptor: Int32) throws {
    guard descriptor >= 0 else { throw Fault.failed("socket", errno) }
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, 0)
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  deinit { close(descriptor) }

  /// A stream to whoever listens at a path.
  convenience init(to path: String) throws {
    try self.init(try DecisionSocket.connect(to: path))
  }

  /// Writes text.
  func write(_ text: String) throws {
    try Self.write(text, to: descriptor)
  }

  /// Writes text to a socket.
  static func write(_ text: String, to descriptor: Int32) throws {
    var octets = Array(text.utf8)[...]
    while !octets.isEmpty {
      let count = unsafe octets.withUnsafeBytes {
        unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Fault.failed("send", errno) }
      octets = octets.dropFirst(count)
    }
  }

  /// The next line; nil at the end of the stream.
  func line() throws -> String? {
    while true {
      if case .whole(let line)? = input.next() { return String(decoding: line, as: UTF8.self) }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 || count < 0 && errno == ECONNRESET { return nil }
      guard count > 0 else { throw Fault.failed("read", errno) }
      input.append(buffer.prefix(count))
    }
  }

  /// The next lines.
  func lines(_ count: Int) throws -> [String] {
    try (0..<count).map { _ in
      guard let line = try line() else { throw Fault.failed("end", 0) }
      return line
    }
  }

  /// Says that nothing more is written.
  func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }
}

/// A Unix socket that listens, for servers of a test's own.
final class UnixListener {
  private let descriptor: Int32
  let path: String

  /// Listens at a path.
  init(at path: String) throws {
    self.path = path
    descriptor = try DecisionSocket.listen(at: path)
  }

  /// The next connection.
  func accept() throws -> UnixStream {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&entry, 1, 20_000) == 1 else { throw UnixStream.Fault.failed("accept", ETIMEDOUT) }
    return try UnixStream(Glibc.accept(descriptor, nil, nil))
  }

  /// Whether someone wants to connect.
  var hasCaller: Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, 0) == 1
  }

  deinit { close(descriptor) }
}

/// A folder of a test's own, which goes with it.
final class TestFolder {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("steer-\(UUID().uuidString)").path

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
