import DNSWire
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A real Squid that runs a rendered configuration.
final class RenderingSquid {
  private static let program = "/usr/sbin/squid"
  /// Starting is not safe on several threads: a child could inherit what was meant for another.
  private static let starting = Mutex(())

  /// The user that Squid becomes, which root must name.
  static var user: String? { geteuid() == 0 ? "proxy" : nil }

  private let process = Process()
  private let name: String

  /// Calls `body` with a folder, which is removed afterwards.
  static func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "steer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }

  /// The lines of Squid's words in which it complains.
  static func complaints(_ output: String) -> [Substring] {
    output.split(separator: "\n").filter { line in
      // It says so of every proxy that leaves Via out.
      ["WARNING", "ERROR:", "FATAL"].contains { line.contains($0) } && !line.contains("requires the use of Via")
    }
  }

  /// What Squid says to a configuration: its exit status, and its words.
  static func parse(_ text: String, in folder: URL) async throws -> (status: Int32, output: String) {
    let file = folder.appending(path: "parsed.conf")
    try Data(text.utf8).write(to: file)
    return try await run(program, ["-k", "parse", "-f", file.path])
  }

  /// Does what blocks on a thread of its own: other tests need the few threads that tasks share.
  private static func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws
    -> Result
  {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Swift.Result(catching: body)) }
    }
  }

  /// Runs a program to its end: its exit status, and its words.
  static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
    try await blocking {
      let process = Process()
      process.executableURL = URL(filePath: program)
      process.arguments = arguments
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = pipe
      try starting.withLock { _ in try process.run() }
      let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
  }

  /// Starts a Squid and waits until it listens on a port of loopback.
  init(_ text: String, name: String, port: UInt16, in folder: URL) async throws {
    self.name = name
    // Squid's user must get at the folder.
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
    let file = folder.appending(path: "\(name).conf")
    try Data(text.utf8).write(to: file)
    process.executableURL = URL(filePath: Self.program)
    process.arguments = ["-N", "-n", name, "-f", file.path]
    process.standardError = FileHandle.nullDevice
    try Self.starting.withLock { _ in try process.run() }
    do {
      try await eventually("Squid listens on \(port)") {
        try #require(
          process.isRunning,
          "\((try? String(contentsOf: folder.appending(path: "\(name).log"), encoding: .utf8)) ?? "")")
        return (try? LoopbackClient(from: .loopback, to: Endpoint(address: .loopback, port: port), overTCP: true))
          != nil
      }
    } catch {
      await stop()
      throw error
    }
  }

  /// Ends it.
  func stop() async {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    // What it shares with none, and leaves when it is killed.
    for part in ["metadata", "queues", "readers"] { unsafe shm_unlink("/\(name)-cf__\(part).shm") }
  }

  /// What a proxy on loopback answers to octets: the status, and the head as text.
  static func ask(
    _ port: UInt16, _ request: String, octets: [UInt8] = [], from source: IPAddress = .loopback
  ) async throws -> (status: Int, head: String) {
    try await blocking {
      let client = try LoopbackClient(from: source, to: Endpoint(address: .loopback, port: port), overTCP: true)
      try client.send(Array(request.utf8) + octets)
      var answer: [UInt8] = []
      while !String(decoding: answer, as: UTF8.self).contains("\r\n\r\n") {
        let part = try client.receive(upTo: 65_535)
        if part.isEmpty { break }
        answer += part
      }
      let head = String(decoding: answer, as: UTF8.self).components(separatedBy: "\r\n\r\n")[0]
      return (head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, head)
    }
  }

  /// What a proxy on loopback answers to a CONNECT.
  static func connect(_ port: UInt16, to destination: String, from source: IPAddress = .loopback) async throws -> Int
  {
    try await ask(port, "CONNECT \(destination) HTTP/1.1\r\nHost: \(destination)\r\n\r\n", from: source).status
  }
}

/// A TCP port of loopback that nothing uses, or that accepts connections and says nothing.
final class RenderingPort {
  /// The port.
  let number: UInt16
  private let descriptor: Int32

  /// A port that accepts connections as long as this is held.
  init(listening: Bool = true) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        unsafe bind(descriptor, generic, size) == 0 && getsockname(descriptor, generic, &size) == 0
      }
    }
    try #require(result && (!listening || listen(descriptor, 64) == 0))
    number = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(descriptor) }

  /// A port that was free just now.
  static func free() throws -> UInt16 { try RenderingPort(listening: false).number }
}

extension IPAddress {
  /// 127.0.0.1.
  static let loopback = IPAddress(v4: 0x7F00_0001)
}
