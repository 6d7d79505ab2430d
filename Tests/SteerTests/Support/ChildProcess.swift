import Foundation
import Glibc
import Synchronization
import Testing

/// A program that runs beside the test; its output goes to files, so that it never waits for the test to read.
final class ChildProcess: Sendable {
  /// How long anything may take before the test fails: longer than any machine is busy.
  static let patience = Duration.seconds(60)

  /// Starting is not safe on several threads: a child could inherit what was meant for another.
  private static let starting = Mutex(())

  private let process: Process
  /// Held, for it is removed when it is released.
  private let folder: WorkingFolder
  private let outputFile: URL
  private let errorFile: URL

  /// Starts a program, named by its path or found in PATH, with `environment`, and no other setting of Steer.
  init(_ arguments: [String], environment: [String: String] = [:], in folder: WorkingFolder) throws {
    let process = Process()
    self.folder = folder
    outputFile = try folder.makeFile()
    errorFile = try folder.makeFile()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("STEER_") }
    process.environment = inherited.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    // Closed here once the child has them: Foundation keeps them for long, and a test that starts hundreds of programs
    // would have so many open that Foundation reads the list of them past its end.
    let handles = (try FileHandle(forWritingTo: outputFile), try FileHandle(forWritingTo: errorFile))
    defer {
      try? handles.0.close()
      try? handles.1.close()
    }
    process.standardOutput = handles.0
    process.standardError = handles.1
    try Self.starting.withLock { _ in try Self.withoutBlockedSignals { try process.run() } }
    self.process = process
  }

  /// Calls `body` with no signal blocked: a thread of a pool blocks most, and a child would go on with that.
  private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  /// What was written to standard output so far.
  var output: String { text(of: outputFile) }
  /// What was written to standard error so far.
  var errors: String { text(of: errorFile) }
  /// Whether the program runs.
  var isRunning: Bool { process.isRunning }
  /// The number of the process.
  var identifier: Int32 { process.processIdentifier }

  private func text(of file: URL) -> String {
    String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self)
  }

  /// Sends a signal.
  func send(_ signal: Int32) {
    if process.isRunning { kill(process.processIdentifier, signal) }
  }

  /// The exit status, once the program has ended; minus the signal if one killed it.
  func status() async throws -> Int32 {
    try await eventually("the program ends: \(process.arguments ?? [])") { !process.isRunning }
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }
}

/// Waits until a condition holds; a test that waits in vain fails and ends.
func eventually(_ what: @autoclosure () -> String, _ condition: () async throws -> Bool) async throws {
  let deadline = ContinuousClock.now + ChildProcess.patience
  while try await !condition() {
    try #require(ContinuousClock.now < deadline, "waited in vain until \(what())")
    // Between two looks, so as not to take the processor from what is waited for.
    try await Task.sleep(for: .milliseconds(5))
  }
}
