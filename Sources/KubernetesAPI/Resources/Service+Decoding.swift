extension WireServiceList: WireList {}

extension WireService: WireObject {
  var object: Service {
    Service(
      namespace: metadata.namespace, name: metadata.name, uid: metadata.uid,
      clusterIPs: Service.all(spec.clusterIps, or: spec.clusterIp), type: spec.type,
      ports: spec.ports.map { port in
        Service.Port(
          port: port.port, transport: port.protocol, target: port.hasTargetPort ? port.targetPort.target : nil)
      })
  }
}

extension WireIntOrString {
  fileprivate var target: Service.Port.Target { type == 0 ? .number(intVal) : .name(strVal) }
}

struct JSONService: JSONObject {
  struct Port: Decodable {
    var `protocol`: String?
    var port: Int32
    var targetPort: Target?
  }

  struct Target: Decodable {
    var target: Service.Port.Target

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let number = try? value.decode(Int32.self) {
        target = .number(number)
      } else {
        target = .name(try value.decode(String.self))
      }
    }
  }

  struct Spec: Decodable {
    var clusterIP: String?
    var clusterIPs: [String]?
    var type: String?
    var ports: [Port]?
  }

  var metadata: JSONMetadata
  var spec: Spec?

  var object: Service {
    Service(
      namespace: metadata.namespace ?? "", name: metadata.name ?? "", uid: metadata.uid ?? "",
      clusterIPs: Service.all(spec?.clusterIPs ?? [], or: spec?.clusterIP ?? ""), type: spec?.type ?? "",
      ports: (spec?.ports ?? []).map { port in
        Service.Port(port: port.port, transport: port.protocol ?? "", target: port.targetPort?.target)
      })
  }
}

extension Service {
  /// The plural field, or the singular one of servers that say no more.
  fileprivate static func all(_ addresses: [String], or address: String) -> [String] {
    addresses.isEmpty && !address.isEmpty ? [address] : addresses
  }
}
