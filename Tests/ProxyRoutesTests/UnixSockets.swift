import Foundation
import Glibc
import TestSupport

@testable import ProxyRoutes

/// A stream socket, from which lines are read.
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
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { close(descriptor) }

  /// A stream to whoever listens at a path.
  convenience init(to path: String) throws {
    try self.init(try DecisionSocket.connect(to: path))
  }

  /// Writes text, all of it.
  func write(_ text: String) async throws {
    try await Self.write(text, to: descriptor)
  }

  /// Writes text to a socket, all of it.
  static func write(_ text: String, to descriptor: Int32) async throws {
    var octets = Array(text.utf8)[...]
    while !octets.isEmpty {
      octets = octets.dropFirst(
        try await waiting(for: "send") {
          let count = unsafe octets.withUnsafeBytes {
            unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
          }
          if count < 0, errno == EAGAIN { return nil }
          guard count > 0 else { throw Fault.failed("send", errno) }
          return count
        })
    }
  }

  /// What one read gives; empty at the end of the stream.
  func read() async throws -> [UInt8] {
    try await waiting(for: "read") {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EAGAIN { return nil }
      if count < 0, errno == ECONNRESET { return [] }
      guard count >= 0 else { throw Fault.failed("read", errno) }
      return Array(buffer[..<count])
    }
  }

  /// The next line; nil at the end of the stream.
  func line() async throws -> String? {
    while true {
      if case .whole(let line)? = input.next() { return String(decoding: line, as: UTF8.self) }
      let octets = try await read()
      if octets.isEmpty { return nil }
      input.append(octets)
    }
  }

  /// The next lines.
  func lines(_ count: Int) async throws -> [String] {
    var lines: [String] = []
    while lines.count < count {
      guard let line = try await line() else { throw Fault.failed("end", 0) }
      lines.append(line)
    }
    return lines
  }
}

/// A Unix socket that listens, for servers of a test's own.
final class UnixListener {
  private let descriptor: Int32
  let path: String

  /// Listens at a path.
  init(at path: String) throws {
    self.path = path
    descriptor = try DecisionSocket.listen(at: path)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  /// The next connection.
  func accept() async throws -> UnixStream {
    try await waiting(for: "accept") {
      let connection = Glibc.accept(descriptor, nil, nil)
      if connection < 0, errno == EAGAIN { return nil }
      return try UnixStream(connection)
    }
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
