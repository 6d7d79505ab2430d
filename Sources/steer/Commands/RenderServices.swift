import ArgumentParser
import Control
import ProxyRoutes
import SteeringPolicy

/// `steer render services`.
struct RenderServices: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "services",
    abstract: "Print the Services that the routes and rules refer to.",
    discussion: """
      The Services need not be in the inventory yet, and what it has of them is not looked at. Apply what is printed, then \
      add the Services to the inventory as the cluster has them, with their clusterIPs.
      """)

  @Argument(help: "Folders or files of policy and inventory documents (YAML, JSON).", completion: .file())
  var paths: [String]

  @Option(
    help: ArgumentHelp(
      "A label of the proxies' pods; may be repeated. Default: app.kubernetes.io/name=steer-proxy.",
      valueName: "key=value"))
  var selector: [String] = []

  func run() throws {
    let result = SnapshotLoader.loadPolicy(paths, services: .yetToBeMade)
    for diagnostic in result.diagnostics { Output.error(diagnostic.description) }
    guard let policy = result.policy else { throw ExitCode.failure }
    let manifests = try Output.rendered { () throws(ProxyRenderingError) in
      try ServiceManifests(of: policy, selecting: selector.isEmpty ? .standard : PodLabels(selector))
    }
    print(manifests.text, terminator: "")
  }
}
