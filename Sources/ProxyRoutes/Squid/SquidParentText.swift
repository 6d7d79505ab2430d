import DNSWire

/// The parts of squid.conf for the second tier, as lines with a reason for each.
///
/// A list is written as one line for each value, for Squid reads a line in pieces of 8,191 octets.
enum SquidParentText {
  /// What the process is, and where it listens.
  static func process(_ request: SquidParentConfiguration.Request) throws(ProxyRenderingError) -> [String] {
    let (folder, logFolder) = (try SquidWord(path: request.folder), try SquidWord(path: request.logFolder))
    let place = request.listen.map { $0.address.isIPv4 ? "\($0.address):\($0.port)" : "[\($0.address)]:\($0.port)" }
    var lines = [
      "# Squid beyond the cluster: lets the destinations of Steer's routes through. Written by 'steer render squid-parent'",
      "# from the policy: render it anew when a route's destinations, ports or methods change.",
      "http_port \(place ?? "3128") tcpkeepalive=60,30,3",
      "visible_hostname steer-parent",
      "pid_filename \(folder)/squid.pid",
      "cache_log \(logFolder)/squid.log",
      "coredump_dir \(logFolder)",
    ]
    if let user = request.user { lines.append("cache_effective_user \(try SquidWord(path: user))") }
    return lines + SquidText.nothingElse
  }

  /// What may be reached, in groups of the same ports and methods.
  static func destinations(_ groups: [ParentDestinations]) -> [String] {
    var lines = [
      "# The destinations of the routes. Those with other ports or methods are apart, so that none is let through on the",
      "# port of another. Squid's '.x' is x and what is below it; a route's '*.x' is not x itself. -n: a literal address is",
      "# not looked up, and so never a name.", "acl steer_connect method CONNECT", "acl steer_http proto HTTP",
    ]
    for (index, group) in groups.enumerated() {
      let name = "steer_\(index + 1)"
      lines.append("")
      var destinations: [String] = []
      if !group.names.isEmpty {
        lines += group.names.map { "acl \(name)_names dstdomain -n \($0.relativeDescription)" }
        destinations.append("\(name)_names")
      }
      if !group.suffixes.isEmpty {
        lines += group.suffixes.map { "acl \(name)_below dstdomain -n .\($0.relativeDescription)" }
        lines += group.suffixes.map { "acl \(name)_tops dstdomain -n \($0.relativeDescription)" }
        lines.append("acl \(name)_wildcards all-of \(name)_below !\(name)_tops")
        destinations.append("\(name)_wildcards")
      }
      lines += destinations.map { "acl \(name)_destinations any-of \($0)" }
      lines += group.ports.map { "acl \(name)_ports port \($0)" }
      if group.takesTunnels {
        lines.append("acl steer_routes all-of steer_connect \(name)_ports \(name)_destinations")
      }
      if !group.plainMethods.isEmpty {
        lines += group.plainMethods.map { "acl \(name)_methods method \($0)" }
        lines.append("acl steer_routes all-of steer_http \(name)_methods \(name)_ports \(name)_destinations")
      }
    }
    return lines
  }

  /// Who is let through: first what is refused whatever else holds, then the routes, then nothing.
  static func access(sources: [IPBlock], inside: [IPBlock]) -> [String] {
    ["# Who may use this parent."] + Set(sources).map(\.description).sorted().map { "acl steer_cluster src \($0)" }
      + [
        "# A literal address is no destination of a route.", "acl steer_literal dstdom_regex -n ^[0-9.]+$",
        "acl steer_literal dstdom_regex -n :",
        "# Nor is what leads inside, whoever runs its name: this host, private networks, the cloud's metadata.",
      ] + inside.map { "acl steer_inside dst \($0)" } + [
        "acl steer_found dst all",
        "# The first rule that matches decides: what is refused stands first, and nothing is let through at the end. Only",
        "# names that a route has are looked up; one without address is not let through to be looked up again.",
        "http_access deny manager", "http_access deny !steer_cluster", "http_access deny steer_literal",
        "http_access deny !steer_routes", "http_access deny steer_inside", "http_access deny !steer_found",
        "http_access allow steer_routes", "http_access deny all", "deny_info 503:ERR_CANNOT_FORWARD steer_found",
        "# The address that was checked is the one that is connected to: this is the shortest time that an address is kept.",
        "negative_dns_ttl 10 seconds", "dns_timeout 10 seconds",
      ]
  }

  /// What a request tells of the cluster.
  static let headers = ["# Destinations learn nothing of the cluster."] + SquidText.discretion

  /// How long anything takes, and how much of it there may be.
  static let limits =
    SquidText.clientLimits + [
      "# A tunnel in which nothing comes back is given up after read_timeout.", "connect_timeout 10 seconds",
      "forward_timeout 30 seconds", "read_timeout 15 minutes", "server_idle_pconn_timeout 1 minute",
      "client_lifetime 1 day", "shutdown_lifetime 30 seconds", "# Two descriptors for each tunnel.",
      "max_filedescriptors 65536", "request_header_max_size 32 KB",
    ]

  /// The access log: a JSON object for each request when it ends, written as in the first tier.
  ///
  /// The client is a Squid of the first tier: its log has the pod, by the same port in `outgoingPort`.
  static func log(_ request: SquidParentConfiguration.Request) throws(ProxyRenderingError) -> [String] {
    SquidText.log(
      to: try SquidWord(path: request.logFolder + "/access.log"),
      fields: SquidText.requestFields + [#""server":"%#<a:%#<p""#])
  }
}
