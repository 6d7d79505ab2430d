import Foundation

extension WirePodList: WireList {}

extension WirePod: WireObject {
  var object: Pod {
    Pod(
      namespace: metadata.namespace, name: metadata.name, uid: metadata.uid,
      created: metadata.creationTimestamp.seconds,
      networked: [
        status.conditions.first { Pod.saysNetworked($0.type, $0.status) }?.lastTransitionTime.seconds ?? 0,
        status.startTime.seconds, metadata.creationTimestamp.seconds,
      ].max(),
      serviceAccount: spec.serviceAccountName,
      isOnHostNetwork: spec.hostNetwork, isTerminated: Pod.isTerminated(phase: status.phase),
      addresses: Pod.all(status.podIps.map(\.ip), or: status.podIp),
      nodeAddresses: Pod.all(status.hostIps.map(\.ip), or: status.hostIp))
  }
}

struct JSONPod: JSONObject {
  struct Spec: Decodable {
    var serviceAccountName: String?
    var hostNetwork: Bool?
  }

  struct IP: Decodable {
    var ip: String?
  }

  struct Condition: Decodable {
    var type: String?
    var status: String?
    var lastTransitionTime: Date?
  }

  struct Status: Decodable {
    var phase: String?
    var conditions: [Condition]?
    var startTime: Date?
    var podIP: String?
    var podIPs: [IP]?
    var hostIP: String?
    var hostIPs: [IP]?
  }

  var metadata: JSONMetadata
  var spec: Spec?
  var status: Status?

  var object: Pod {
    Pod(
      namespace: metadata.namespace ?? "", name: metadata.name ?? "", uid: metadata.uid ?? "",
      created: metadata.created,
      networked: [
        JSON.seconds(status?.conditions?.first { Pod.saysNetworked($0.type, $0.status) }?.lastTransitionTime),
        JSON.seconds(status?.startTime), metadata.created,
      ].max(),
      serviceAccount: spec?.serviceAccountName ?? "",
      isOnHostNetwork: spec?.hostNetwork ?? false, isTerminated: Pod.isTerminated(phase: status?.phase ?? ""),
      addresses: Pod.all(status?.podIPs?.compactMap(\.ip) ?? [], or: status?.podIP ?? ""),
      nodeAddresses: Pod.all(status?.hostIPs?.compactMap(\.ip) ?? [], or: status?.hostIP ?? ""))
  }
}

extension Pod {
  fileprivate static func isTerminated(phase: String) -> Bool { phase == "Succeeded" || phase == "Failed" }

  /// Whether a condition says that the pod's network is set up, and so when that was done.
  fileprivate static func saysNetworked(_ type: String?, _ status: String?) -> Bool {
    type == "PodReadyToStartContainers" && status == "True"
  }

  /// The plural field, or the singular one of servers and kubelets that say no more.
  fileprivate static func all(_ addresses: [String], or address: String) -> [String] {
    addresses.isEmpty && !address.isEmpty ? [address] : addresses
  }
}
