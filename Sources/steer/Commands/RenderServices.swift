import ArgumentParser
import Control
import ProxyRoutes
import SteeringPolicy

/// `steer render services`.
struct RenderServices: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "services",
    abstract: "Print the Services that the routes and rules refer to.",
    discussion: """
      The Services need not be in the inventory yet. One that is there keeps its clusterIP, and nothing else of it is \
      looked at; for another one a comment says to pin one. Apply what is printed, then add the Services to the inventory \
      as the cluster has them.
      """)

  @OptionGroup var policy: SourceArguments

  @Option(
    help: ArgumentHelp(
      "A label of the proxies' pods; may be repeated. Default: app.kubernetes.io/name=steer-proxy.",
      valueName: "key=value"))
  var selector: [String] = []

  func run() async throws {
    let policy = try await self.policy.source().loadWithoutServicesOrExit()
    let manifests = try Output.rendered { () throws(ProxyRenderingError) in
      try ServiceManifests(of: policy, selecting: selector.isEmpty ? .standard : PodLabels(selector))
    }
    print(manifests.text, terminator: "")
  }
}
