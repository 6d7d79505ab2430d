import Steering

extension ProxyStatus {
  /// The status as Prometheus reads it (text format 0.0.4).
  public var prometheus: String {
    var text = MetricText()
    text.begin("steer_proxy_info", .gauge, "The generation that is served, and the engine.")
    text.add(["generation": generation, "engine": engine.kind], "1")
    text.begin("steer_proxy_instance_up", .gauge, "Whether a process of the engine serves.")
    for instance in engine.instances {
      text.add(["instance": instance.name], instance.state == "running" ? "1" : "0")
    }
    text.begin(
      "steer_proxy_instance_restarts_total", .counter, "How often a process of the engine was started again.")
    for instance in engine.instances { text.add(["instance": instance.name], "\(instance.restarts)") }
    text.begin("steer_proxy_listener", .gauge, "The engine's listeners: 1, or 0 if the route is gone.")
    for listener in listeners {
      text.add(["port": "\(listener.port)", "route": listener.route], listener.isCurrent ? "1" : "0")
    }
    text.begin("steer_proxy_parent_up", .gauge, "Whether a parent proxy is used.")
    for parent in parents { text.add(parent.labels, parent.isUp ? "1" : "0") }
    text.begin("steer_proxy_parent_check_seconds", .gauge, "How long the last check of a parent took that succeeded.")
    for parent in parents {
      if let latency = parent.latency { text.add(parent.labels, "\(latency)") }
    }
    text.begin("steer_proxy_decisions_total", .counter, "Decisions about requests of proxies.")
    for decision in decisions {
      text.add(["verdict": decision.verdict, "reason": decision.reason], "\(decision.count)")
    }
    text.add("steer_proxy_malformed_total", .counter, "Requests that could not be read.", "\(malformed)")
    text.add(
      "steer_proxy_would_deny_total", .counter, "Decisions that only the Report mode of a policy let through.",
      "\(enforceWouldDeny)")
    text.add("steer_proxy_helper_connections", .gauge, "Helpers that are connected.", "\(helperConnections)")
    if let connections {
      text.add(
        "steer_proxy_connections", .gauge, "Open connections by routes that close what is revoked.",
        "\(connections.remembered)")
      text.add(
        "steer_proxy_connections_forgotten_total", .counter, "Connections forgotten because there were too many.",
        "\(connections.forgotten)")
      text.add(
        "steer_proxy_connections_closed_total", .counter, "Connections closed because they were no longer allowed.",
        "\(connections.closed)")
    }
    if let canCloseConnections {
      text.add(
        "steer_proxy_connections_closable", .gauge, "Whether connections that are revoked can be closed.",
        canCloseConnections ? "1" : "0")
    }
    return text.text
  }
}

extension ProxyStatus.Parent {
  /// What tells this check of a parent from others.
  fileprivate var labels: KeyValuePairs<String, String> {
    ["parent": name, "connect": connect ?? "", "interval": "\(interval)", "timeout": "\(timeout)"]
  }
}
