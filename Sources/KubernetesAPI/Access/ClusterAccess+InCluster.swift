import Foundation

extension ClusterAccess {
  /// Where a pod finds its service account.
  public static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The access that every pod has by its service account; nil reads this process's environment.
  public static func inCluster(
    environment: [String: String]? = nil, folder: String = serviceAccountFolder
  ) throws(ClusterAccessError) -> ClusterAccess {
    let environment = environment ?? ProcessInfo.processInfo.environment
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = environment["KUBERNETES_SERVICE_PORT"].flatMap(UInt16.init)
    else {
      throw ClusterAccessError(
        "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set, as they are in every pod; "
          + "outside of a cluster name a kubeconfig file")
    }
    let remedy = "the pod needs automountServiceAccountToken: true"
    let tokenFile = folder + "/token"
    do {
      let authorities = try AccessFile.read(folder + "/ca.crt", what: "the cluster's certificate authority")
      let namespace = try AccessFile.read(folder + "/namespace", what: "the pod's namespace")
      _ = try TokenReader(.file(tokenFile)).token()
      return ClusterAccess(
        server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
        namespace: String(decoding: namespace, as: UTF8.self).trimmingWhitespace, authorities: authorities,
        credentials: Credentials(token: .file(tokenFile)))
    } catch {
      throw ClusterAccessError("\(error.description); \(remedy)")
    }
  }
}
