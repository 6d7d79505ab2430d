import Foundation

/// The Steer that is measured.
struct MeasuredProcess {
  private let process = Process()

  /// Starts a command.
  init(_ command: [String]) throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    // Standard output is for the results.
    process.standardOutput = FileHandle.standardError
    try process.run()
  }

  /// Whether it runs.
  var isRunning: Bool { process.isRunning }

  /// How much memory it has now, and had at most, in bytes.
  var memory: (now: Int, peak: Int) { (bytes("VmRSS"), bytes("VmHWM")) }

  /// Asks it to end and waits for that.
  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  private func bytes(_ field: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(field + ":") }
    return (line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }
}
