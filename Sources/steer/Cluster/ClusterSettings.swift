import Configuration
import Foundation
import KubernetesAPI

/// What is read of a cluster, and how its API server is reached.
struct ClusterSettings {
  /// Whether the policy is, besides that of the files.
  var readsPolicy: Bool
  /// Whether Services, namespaces and pods are, besides those of the files.
  var readsInventory: Bool
  /// The file that says how the API server is reached; nil is the service account of the pod, or else the user's own file.
  var kubeconfig: String?
  /// The context in that file; nil is its current one.
  var context: String?
  /// Whether the policy's objects are told what became of them; nil does so from within a pod.
  var writesStatus: Bool?
  /// The pod that this is, as other replicas see it.
  var podName: String

  /// Settings that read what is said.
  init(readsPolicy: Bool, readsInventory: Bool, kubeconfig: String? = nil, context: String? = nil) {
    self.readsPolicy = readsPolicy
    self.readsInventory = readsInventory
    self.kubeconfig = kubeconfig
    self.context = context
    podName = ProcessInfo.processInfo.environment["POD_NAME"] ?? Self.machineName
  }

  /// The settings that a reader has; nil if nothing is read of a cluster.
  init?(_ reader: ConfigReader) async throws {
    self.init(
      readsPolicy: try await reader.boolean(.kubernetesPolicy) ?? false,
      readsInventory: try await reader.boolean(.kubernetesInventory) ?? false,
      kubeconfig: try await reader.string(.kubernetesKubeconfig),
      context: try await reader.string(.kubernetesContext))
    writesStatus = try await reader.boolean(.kubernetesStatus)
    podName = try await reader.string(.kubernetesPodName) ?? podName
    guard !readsPolicy, !readsInventory else { return }
    if let key = [Settings.Key.kubernetesKubeconfig: kubeconfig, .kubernetesContext: context]
      .first(where: { $0.value != nil })?.key
    {
      throw SettingError(
        description: "\(key.rawValue): nothing is read of the cluster; say --kubernetes, or kubernetes.policy or "
          + "kubernetes.inventory")
    }
    return nil
  }

  /// The name that the system has, which in a pod is the pod's.
  private static var machineName: String {
    var system = utsname()
    guard unsafe uname(&system) == 0 else { return "steer" }
    return unsafe withUnsafeBytes(of: system.nodename) {
      unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// Whether the process is in a pod whose service account is used.
  private var isInPod: Bool {
    kubeconfig == nil && context == nil && ProcessInfo.processInfo.environment["KUBERNETES_SERVICE_HOST"] != nil
  }

  /// Whether the policy's objects are told what became of them.
  ///
  /// By default not from a person's own machine, which may be there for a try.
  var tellsObjects: Bool { readsPolicy && (writesStatus ?? isInPod) }

  /// How the API server is reached; throws what is wrong with the place that says so.
  func access() throws(ClusterAccessError) -> ClusterAccess {
    if isInPod { return try .inCluster() }
    let environment = ProcessInfo.processInfo.environment
    // As kubectl has it, whose first file is the one that counts most.
    let named = environment["KUBECONFIG"]?.split(separator: ":").first.map(String.init)
    let own = URL(filePath: NSHomeDirectory()).appending(path: ".kube/config").path
    return try .kubeconfig(path: kubeconfig ?? named ?? own, context: context)
  }
}
