import Foundation
import Testing

/// What a program left when it ended.
struct Finished {
  /// The exit status; minus the signal if one killed it.
  var status: Int32
  var output: String
  var errors: String

  /// The lines of standard output.
  var lines: [Substring] { output.split(whereSeparator: \.isNewline) }
}

/// Runs a program to its end.
func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Finished {
  let folder = try WorkingFolder()
  let child = try ChildProcess(arguments, environment: environment, in: folder)
  defer { child.send(9) }
  let status = try await child.status()
  return Finished(status: status, output: child.output, errors: child.errors)
}

/// The program under test.
enum Steer {
  /// The binary, which is built beside the tests.
  static let path = Bundle.module.bundleURL.deletingLastPathComponent().appending(path: "steer").path

  /// Runs a subcommand to its end.
  static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Finished {
    try await SteerTests.run([path] + arguments, environment: environment)
  }
}
