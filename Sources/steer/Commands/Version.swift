import ArgumentParser
import ZoneFiles

/// `steer version`.
struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Print the version, and that of libldns.")

  @Option(name: .shortAndLong, help: "How to print: text or json.")
  var output = OutputFormat.text

  func run() throws {
    switch output {
    case .json: try Output.json(["steer": BuildInformation.version, "libldns": MasterFile.libraryVersion])
    case .text: print("steer \(BuildInformation.version) (libldns \(MasterFile.libraryVersion))")
    }
  }
}
