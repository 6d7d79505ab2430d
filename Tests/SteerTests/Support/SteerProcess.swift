import DNSWire
import Foundation
import Glibc
import TestSupport
import Testing

/// A running `steer serve`.
struct SteerProcess {
  /// The process.
  let child: ChildProcess
  /// Where it listens, as its `listening` line says.
  let endpoints: [Endpoint]

  /// Runs a server for as long as `body` takes, and ends it however that ends.
  ///
  /// `wrapper` is a command that becomes the one which follows it, `binary` the program, if it must be elsewhere.
  static func serving<Result>(
    _ policy: String? = WorkingFolder.zones.path, _ arguments: [String] = [], listen: [String] = ["127.0.0.1:0"],
    environment: [String: String] = [:], under wrapper: [String] = [], binary: String = Steer.path,
    _ body: (SteerProcess) async throws -> Result
  ) async throws -> Result {
    let folder = try WorkingFolder()
    let paths = policy.map { ["--policy", $0] } ?? []
    let command = wrapper + [binary, "serve"]
    let child = try ChildProcess(
      command + paths + listen.flatMap { ["--listen", $0] } + arguments, environment: environment, in: folder)
    defer { child.send(SIGKILL) }
    try await eventually("steer prints 'listening'") { child.output.contains("\n") || !child.isRunning }
    let words = child.output.split(whereSeparator: \.isWhitespace)
    try #require(words.first == "listening", "\(child.errors)")
    return try await body(
      SteerProcess(child: child, endpoints: words.dropFirst().compactMap { Endpoint(String($0)) }))
  }

  /// The first endpoint.
  var endpoint: Endpoint {
    get throws { try #require(endpoints.first) }
  }

  /// A client that asks from an address.
  func client(from source: String = "127.0.0.11", overTCP: Bool = false) throws -> LoopbackClient {
    try LoopbackClient(from: try #require(IPAddress(source)), to: endpoint, overTCP: overTCP)
  }

  /// Asks one question over UDP.
  func ask(_ name: String, _ type: RecordType = .a, from source: String = "127.0.0.11") throws -> LDNSMessage {
    try LDNSMessage(try client(from: source).ask(WireQuery(name, type).octets))
  }

  /// The addresses that microsoft.intra.aibang.local is answered with.
  func addresses(from source: String = "127.0.0.11") throws -> [String] {
    try ask("microsoft.intra.aibang.local", from: source).answer.compactMap {
      $0.split(separator: " ").last.map(String.init)
    }
  }

  /// The generation that answers, as `_generation` says.
  func generation() throws -> ServedGeneration {
    try ServedGeneration(of: ask("_generation.intra.aibang.local", .txt))
  }
}

/// The generation of a running server.
struct ServedGeneration: Hashable {
  var serial: UInt32
  var digest: String

  init(of message: LDNSMessage) throws {
    let texts = try #require(message.answer.first).split(separator: "\"")
    func value(_ key: String) throws -> String {
      String(try #require(texts.first { $0.hasPrefix(key) }).dropFirst(key.count))
    }
    serial = try #require(UInt32(try value("serial=")))
    digest = try value("digest=")
  }

  /// The server identifier (NSID) that answers of the generation bear.
  var identifier: String { "steer \(serial)/\(digest.prefix(16))" }
}
