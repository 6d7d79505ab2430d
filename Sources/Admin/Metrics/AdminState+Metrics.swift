import Steering

extension AdminState {
  /// Every metric, as Prometheus reads it.
  var metrics: String {
    get async {
      var text = MetricText()
      let snapshot = snapshot
      let parts = parts
      let status = await status
      text.add(status, generation: snapshot?.generation)
      if let parts {
        text.add(counting: parts.count)
        if let proxy = await parts.proxy() { text.add(metrics: proxy.prometheus) }
      }
      text.addProcess()
      return text.text
    }
  }
}

extension MetricText {
  /// Adds how the server is.
  fileprivate mutating func add(_ status: ServerStatus, generation: Generation?) {
    add("steer_ready", .gauge, "Whether clients are answered.", status.ready ? "1" : "0")
    if let generation {
      begin("steer_generation_info", .gauge, "The generation that serves.")
      add(["generation": generation.description, "digest": generation.digest], "1")
      add("steer_generation_serial", .gauge, "The serial of the generation that serves.", "\(generation.serial)")
    }
    add("steer_pod_addresses", .gauge, "Addresses of pods that are known.", "\(status.pods)")
    add("steer_policy_held_objects", .gauge, "Objects whose last version is not served.", "\(status.held.count)")
    add(
      "steer_policy_failed", .gauge, "Whether what was loaded last does not serve.", status.failure == nil ? "0" : "1"
    )
    if let leader = status.leader {
      add("steer_leader", .gauge, "Whether this server writes the objects' status.", leader ? "1" : "0")
    }
    if !status.resources.isEmpty { add(status) }
  }

  /// Adds how fresh what is known of a cluster is.
  private mutating func add(_ status: ServerStatus) {
    add(
      "steer_kubernetes_stale_seconds", .gauge, "How old the oldest of what is served is; 0 if all of it is live.",
      "\(status.stale ?? 0)")
    add(
      "steer_kubernetes_age_seconds", .gauge, "Time since the API server was heard last.", of: status.resources
    ) { $0.age.map { "\($0)" } }
    add(
      "steer_kubernetes_synchronized", .gauge, "Whether a resource was told completely since the start.",
      of: status.resources
    ) { $0.synchronized ? "1" : "0" }
    add(
      "steer_kubernetes_connected", .gauge, "Whether the API server can be heard.", of: status.resources
    ) { $0.lost == nil ? "1" : "0" }
    add("steer_kubernetes_objects", .gauge, "Objects that are known.", of: status.resources) { "\($0.count)" }
    add(
      "steer_kubernetes_lists_total", .counter, "How often the objects were listed.", of: status.resources
    ) { "\($0.lists)" }
  }

  /// Adds a metric of a sample for each resource that has one.
  private mutating func add(
    _ name: String, _ kind: Kind, _ help: String, of resources: [ServerStatus.Resource],
    _ value: (ServerStatus.Resource) -> String?
  ) {
    begin(name, kind, help)
    for resource in resources {
      if let value = value(resource) { add(["resource": resource.resource], value) }
    }
  }
}
