import Foundation
import Glibc
import TestSupport
import Testing

@testable import ProxyRoutes

/// A running `steer proxy-helper`, whose Squid the test is.
final class HelperProcess {

  private let process = Process()
  private let folder: TestFolder
  /// What Squid writes to.
  private var input: UnixStream?
  /// Where each read gives what one write was, as it keeps their bounds.
  private var output: UnixStream?
  private var lines: [String] = []

  /// Starts a helper of the socket at `path`.
  init(_ path: String, timeout: Double = 20) throws {
    folder = try TestFolder()
    let (input, inputEnd) = try Self.pair(Int32(SOCK_STREAM.rawValue))
    let (output, outputEnd) = try Self.pair(Int32(SOCK_SEQPACKET.rawValue))
    (self.input, self.output) = (input, output)
    let binary = Bundle.module.bundleURL.deletingLastPathComponent().appending(path: "steer")
    try Data().write(to: URL(filePath: folder.path + "/errors"))
    process.executableURL = binary
    process.arguments = ["proxy-helper", "--socket", path, "--timeout", "\(timeout)"]
    process.standardInput = FileHandle(fileDescriptor: inputEnd, closeOnDealloc: false)
    process.standardOutput = FileHandle(fileDescriptor: outputEnd, closeOnDealloc: false)
    process.standardError = try FileHandle(forWritingTo: URL(filePath: folder.path + "/errors"))
    try process.run()
    // Else an end stays open here, and nobody sees that the process has closed its own.
    close(inputEnd)
    close(outputEnd)
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  private static func pair(_ type: Int32) throws -> (UnixStream, Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe socketpair(AF_UNIX, type | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw UnixStream.Fault.failed("socketpair", errno)
    }
    return (try UnixStream(ends[0]), ends[1])
  }

  /// Writes text to the helper.
  func write(_ text: String) async throws {
    try await #require(input).write(text)
  }

  /// The next answer; every write that brings it must be of whole lines, and of no more than Squid takes at once.
  func answer() async throws -> String {
    while lines.isEmpty {
      let octets = try await #require(output).read()
      guard let last = octets.last else { throw UnixStream.Fault.failed("end", 0) }
      #expect(octets.count <= 4096 && last == 0x0A, "Squid misreads an answer that comes in parts")
      lines = octets.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }
    return lines.removeFirst()
  }

  /// The next answers.
  func answers(_ count: Int) async throws -> [String] {
    var answers: [String] = []
    while answers.count < count { answers.append(try await answer()) }
    return answers
  }

  /// Asks, and waits for the answer.
  func ask(_ question: String) async throws -> String {
    try await write(question + "\n")
    return try await answer()
  }

  /// Closes what the helper writes to.
  func closeOutput() { output = nil }

  /// What was said in Squid's log.
  var news: [Substring] {
    let errors = try? String(contentsOfFile: folder.path + "/errors", encoding: .utf8)
    return (errors ?? "").split(separator: "\n")
  }

  /// Whether it runs.
  var isRunning: Bool { process.isRunning }

  /// Closes the input, and returns the exit status.
  func end() async throws -> Int32 {
    input = nil
    try await eventually("the helper's end: \(news)") { !self.process.isRunning }
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }
}
