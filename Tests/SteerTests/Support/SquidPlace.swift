import Foundation
import Glibc
import TestSupport

/// Where a server under test runs its Squids, which outlive it if it is killed.
struct SquidPlace {
  /// Where their files are.
  let folder: WorkingFolder
  /// The program of the server: Squid's user must reach the helper, wherever this test was built.
  let binary: String

  /// Makes a place, and ends all that is left there if `body` fails.
  static func with<Result>(_ body: (SquidPlace) async throws -> Result) async throws -> Result {
    let folder = try WorkingFolder()
    let place = SquidPlace(folder: folder, binary: folder.path(of: "steer"))
    try FileManager.default.copyItem(atPath: Steer.path, toPath: place.binary)
    do {
      return try await body(place)
    } catch {
      for pid in (try? place.squids()) ?? [] { kill(pid, SIGKILL) }
      throw error
    }
  }

  /// The settings of a server that runs Squids here.
  var environment: [String: String] {
    [
      "STEER_PROXY_ENGINE": "squid", "STEER_PROXY_FOLDER": folder.path(of: "proxy"),
      "STEER_PROXY_LISTEN": "127.0.0.1", "STEER_PROXY_DRAIN_SECONDS": "50",
    ]
  }

  /// The numbers of the Squids that run.
  func squids() throws -> [Int32] {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path(of: "proxy/squid-1"))
    return try files.filter { $0.hasSuffix(".pid") }.compactMap { file in
      let text = try String(contentsOfFile: folder.path(of: "proxy/squid-1/\(file)"), encoding: .utf8)
      return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }
}

/// A listener of a server's Squids.
struct SquidListener {
  /// Its port.
  let port: UInt16

  /// A tunnel from an address of loopback.
  func tunnel(from source: String, to destination: String) throws -> Tunnel {
    try Tunnel(proxy: port, from: source, to: destination)
  }

  /// What is said to a CONNECT that is not let through; empty if it is.
  func answer(from source: String, to destination: String) -> String {
    do {
      _ = try tunnel(from: source, to: destination)
      return ""
    } catch {
      return (error as? Tunnel.Refused)?.answer ?? ""
    }
  }

  /// The reason that a CONNECT is refused for; nil if it is not refused with 403.
  func refusal(from source: String, to destination: String) -> String? {
    let answer = answer(from: source, to: destination)
    guard answer.hasPrefix("HTTP/1.1 403 "), let start = answer.range(of: "X-Steer-Reason: ") else { return nil }
    return String(answer[start.upperBound...].prefix { !$0.isWhitespace })
  }
}
