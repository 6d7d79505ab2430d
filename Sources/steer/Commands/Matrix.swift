import ArgumentParser
import Control
import Steering

/// `steer matrix`.
struct Matrix: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show who may resolve and connect: namespaces by routes.",
    discussion: """
      A cell says allow, the Services if a rule replaces the route's own, 'report' where only the Report mode of a \
      policy lets it, and - for no. Service accounts and address blocks that a policy names have rows of their own.
      """)

  /// How the matrix is printed.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, csv, html, json
  }

  @OptionGroup var policy: SourceArguments

  @Option(name: .shortAndLong, help: "How to print: text, csv, html or json.")
  var output = Format.text

  func run() async throws {
    let loaded = try await policy.source().loadOrExit()
    let matrix = AccessMatrix(of: loaded.policy, in: loaded.snapshot)
    switch output {
    case .json: try Output.json(matrix)
    case .text: print(MatrixTable(matrix, of: loaded.policy).text)
    case .csv: print(MatrixTable(matrix, of: loaded.policy).csv)
    case .html: print(MatrixTable(matrix, of: loaded.policy).html)
    }
  }
}
