import ArgumentParser
import Control
import Steering

/// `steer test`.
struct Test: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the EgressTest documents of a policy.",
    discussion: """
      A query is answered by the code that answers every query, a CONNECT is decided by the code that decides \
      every CONNECT. Exits with 1 if a test fails, or if there is no test.
      """)

  @OptionGroup var policy: SourceArguments

  @Option(name: .shortAndLong, help: "How to print: text or json.")
  var output = OutputFormat.text

  func run() async throws {
    let loaded = try await policy.source().loadOrExit()
    let results = loaded.policy.tests.map(loaded.snapshot.run)
    let failed = results.filter { !$0.passed }
    switch output {
    case .json: try Output.json(results)
    case .text:
      for result in results {
        print("\(result.passed ? "ok  " : "FAIL") \(result.name)")
        for failure in result.failures { print("     \(result.location): \(failure)") }
      }
      print("\(results.count - failed.count) passed, \(failed.count) failed")
    }
    if results.isEmpty {
      Output.error("there is no EgressTest; write one, or a policy that denies everything passes too")
    }
    if results.isEmpty || !failed.isEmpty { throw ExitCode.failure }
  }
}
