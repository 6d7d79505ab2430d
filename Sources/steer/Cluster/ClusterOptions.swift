import ArgumentParser
import Configuration

/// What of a policy comes from a cluster, as flags.
struct ClusterOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      """
      Take the policy and the inventory from the Kubernetes API, besides those of files. In a pod its service account is \
      used, elsewhere the user's kubeconfig.
      """))
  var kubernetes = false

  @Flag(help: "Take the policy from the Kubernetes API: SteeringZone, EgressRoute, EgressPolicy and EgressTest.")
  var kubernetesPolicy = false

  @Flag(help: "Take the inventory from the Kubernetes API: Services, namespaces and pods.")
  var kubernetesInventory = false

  @Option(
    help: ArgumentHelp(
      "The kubeconfig that says how the API server is reached. Default: KUBECONFIG, or ~/.kube/config.",
      valueName: "file"), completion: .file())
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The context in the kubeconfig. Default: its current one.", valueName: "name"))
  var context: String?

  /// What the flags alone say; nil if they read nothing of a cluster.
  func settings() throws -> ClusterSettings? {
    let settings = ClusterSettings(
      readsPolicy: kubernetes || kubernetesPolicy, readsInventory: kubernetes || kubernetesInventory,
      kubeconfig: kubeconfig, context: context)
    if settings.readsPolicy || settings.readsInventory { return settings }
    if kubeconfig != nil || context != nil {
      throw ValidationError("--kubeconfig and --context go with --kubernetes.")
    }
    return nil
  }

  /// The flags that were given.
  var flags: [Settings.Key: ConfigContent] {
    var flags: [Settings.Key: ConfigContent] = [:]
    if kubernetes || kubernetesPolicy { flags[.kubernetesPolicy] = .bool(true) }
    if kubernetes || kubernetesInventory { flags[.kubernetesInventory] = .bool(true) }
    if let kubeconfig { flags[.kubernetesKubeconfig] = .string(kubeconfig) }
    if let context { flags[.kubernetesContext] = .string(context) }
    return flags
  }
}
