import DNSWire

/// The parts of squid.conf for the first tier, as lines with a reason for each.
///
/// A list is written as one line for each value, for Squid reads a line in pieces of 8,191 octets.
enum SquidText {
  /// What the process is, and where its files are.
  static func process(_ paths: SquidConfiguration.Paths) throws(ProxyRenderingError) -> [String] {
    let logFolder = try SquidWord(path: paths.logFolder)
    var lines = [
      "# Squid for the routes of Steer, which decides about each request. Written by Steer: changes are lost.",
      "# Several Squids run from this file and share its ports; ${service_name} keeps their own files apart.",
      "visible_hostname \(try SquidWord(path: paths.visibleHostname))",
      "pid_filename \(try SquidWord(path: paths.folder))/${service_name}.pid",
      "cache_log \(logFolder)/${service_name}.log",
      "coredump_dir \(logFolder)",
    ]
    if let user = paths.user { lines.append("cache_effective_user \(try SquidWord(path: user))") }
    return lines + nothingElse
  }

  /// What a proxy does without.
  static let nothingElse = [
    "# Logs are rotated by others; -k rotate only opens them anew.",
    "logfile_rotate 0",
    "# A proxy, and nothing else: no cache, no other protocol, no measuring of networks.",
    "cache deny all",
    "cache_mem 0 MB",
    "digest_generation off",
    "netdb_filename none",
    "pinger_enable off",
    "icp_port 0",
    "htcp_port 0",
    "snmp_port 0",
  ]

  /// A port for each route: it is all that tells the route of a request, which names no more than its destination.
  static func listeners(_ listeners: [SquidListener], on addresses: [IPAddress]) -> [String] {
    let places = addresses.isEmpty ? [""] : addresses.map { $0.isIPv4 ? "\($0):" : "[\($0)]:" }
    return ["# The routes, each by its port. worker-queues lets the Squids share it (SO_REUSEPORT)."]
      + listeners.flatMap { listener in
        places.map { "http_port \($0)\(listener.port) name=\(listener.name) worker-queues tcpkeepalive=60,30,3" }
      }
  }

  /// How Steer is asked.
  static func decision(_ paths: SquidConfiguration.Paths) throws(ProxyRenderingError) -> [String] {
    var command: [String] = []
    for word in paths.helper + ["--socket", paths.socket] { command.append(try SquidWord(path: word).description) }
    return [
      "# Steer is asked about every request: no answer is kept, so that what is revoked is over at once.",
      "external_acl_type steer ttl=0 negative_ttl=0 cache=0 grace=0 concurrency=100 queue-size=1000 "
        + "children-startup=1 children-max=1 %>a %>p %>lp %METHOD %DST %PORT " + command.joined(separator: " "),
      "acl steer_allows external steer",
      "acl steer_unavailable note verdict unavailable",
      "acl steer_gave_reason note reason",
    ]
  }

  /// What is let through, and what a client sees that is not.
  static func access(_ listeners: [SquidListener]) -> [String] {
    var lines = [
      "# The methods of each route, which Squid checks too.", "acl steer_connect method CONNECT",
      "acl steer_http proto HTTP",
    ]
    var taken: [String] = []
    let tunnels = listeners.filter(\.takesTunnels)
    if !tunnels.isEmpty {
      lines += tunnels.map { "acl steer_tunnel_listeners myportname \($0.name)" }
      lines.append("acl steer_tunnels all-of steer_connect steer_tunnel_listeners")
      taken.append("steer_tunnels")
    }
    let plain = Dictionary(grouping: listeners.filter { !$0.plainMethods.isEmpty }) {
      $0.plainMethods.map(\.description).joined(separator: " ")
    }
    for (index, (_, listeners)) in plain.sorted(by: { $0.key < $1.key }).enumerated() {
      let name = "steer_plain_\(index + 1)"
      lines += listeners.map { "acl \(name)_listeners myportname \($0.name)" }
      lines += listeners[0].plainMethods.map { "acl \(name)_methods method \($0)" }
      lines.append("acl \(name) all-of steer_http \(name)_listeners \(name)_methods")
      taken.append(name)
    }
    lines += (taken.isEmpty ? ["!all"] : taken).map { "acl steer_methods any-of \($0)" }
    return lines + [
      "# Steer is asked first, so that it learns of what Squid refuses too. If it cannot be asked, no rule allows.",
      "http_access deny manager",
      "http_access deny steer_allows steer_unavailable",
      "http_access allow steer_allows steer_methods",
      "http_access deny all",
      "# No parent is up: not the client's fault.",
      "deny_info 503:ERR_CANNOT_FORWARD steer_unavailable",
      "reply_header_add X-Steer-Reason \"%{reason}note\" steer_gave_reason",
    ]
  }

  /// The parents, of which Steer names those that are up and that the route has.
  static func peers(_ peers: ParentPeers) throws(ProxyRenderingError) -> [String] {
    var lines = [
      "# Only by a parent, never directly, whatever is up. Steer checks the parents and names those to use; Squid's own",
      "# count of failures must not overrule it.", "never_direct allow all", "nonhierarchical_direct off",
    ]
    for peer in peers.peers {
      let host = try SquidWord(host: peer.parent.host)
      let selection = peer.selection == .roundRobin ? " round-robin" : ""
      lines += [
        "cache_peer \(host) parent \(peer.parent.port) 0 no-query no-digest no-netdb-exchange name=\(peer.name) "
          + "connect-timeout=2 connect-fail-limit=1000000" + selection,
        "acl \(peer.name) note -m=, peer \(peer.name)",
        "cache_peer_access \(peer.name) allow \(peer.name)",
        "cache_peer_access \(peer.name) deny all",
      ]
    }
    return lines
  }

  /// What a request and a reply tell of pods and proxies.
  static let headers =
    [
      "# The next tier does not learn the pods' addresses, and so cannot hand them on; the access log joins the two by the",
      "# port that Squid connects from.",
    ] + discretion

  /// What a proxy does not tell, nor take.
  static let discretion = [
    "forwarded_for delete",
    "via off",
    "httpd_suppress_version_string on",
    "email_err_data off",
    "# White space in a destination is refused, not removed.",
    "uri_whitespace deny",
  ]

  /// How long a client may be silent.
  static let clientLimits = [
    "# A client that says nothing is let go; one that goes away takes its tunnel with it.",
    "request_start_timeout 1 minute",
    "request_timeout 30 seconds",
    "client_idle_pconn_timeout 1 minute",
    "half_closed_clients off",
  ]

  /// How long anything takes, and how much of it there may be.
  static func limits(_ paths: SquidConfiguration.Paths) -> [String] {
    clientLimits + [
      "# A tunnel in which nothing comes back, and a parent that does not answer, are given up after read_timeout.",
      "connect_timeout 5 seconds",
      "connect_retries 0",
      "forward_timeout 15 seconds",
      "read_timeout 15 minutes",
      "server_idle_pconn_timeout 1 minute",
      "client_lifetime 1 day",
      "shutdown_lifetime \(paths.drainSeconds) seconds",
      "# A parent's name that was not found is asked for again soon.",
      "negative_dns_ttl 1 second",
      "dns_timeout 5 seconds",
      "# Two descriptors for each tunnel; one client gets a quarter of the tunnels.",
      "max_filedescriptors \(paths.descriptors)",
      "client_ip_max_connections 8192",
      "request_header_max_size 32 KB",
    ]
  }

  /// The access log.
  static func log(_ paths: SquidConfiguration.Paths) throws(ProxyRenderingError) -> [String] {
    guard let accessLog = paths.accessLog else { return ["access_log none"] }
    let notes = ["pod", "namespace", "serviceAccount", "route", "rule", "reason", "generation"]
    return log(
      to: try SquidWord(path: accessLog),
      fields: requestFields + [
        #""listener":"%#>lp""#, #""peer":"%#<A""#, #""peerAddress":"%#<a:%#<p""#, #""outgoingPort":"%#<lp""#,
      ] + notes.map { #""\#($0)":"%#.512{\#($0)}note""# })
  }

  /// The fields of a request's line in the access log.
  ///
  /// What a request may choose is percent-encoded (`#`) and cut to a length, so that it neither ends a text nor a line;
  /// what may be missing is a text, for Squid writes `-` then.
  static let requestFields = [
    #""time":"%{%Y-%m-%dT%H:%M:%S}tg.%03tuZ""#, #""client":"%#>a""#, #""clientPort":"%#>p""#, #""method":"%#.32rm""#,
    #""destination":"%#.512>rd:%#>rP""#, #""status":%>Hs"#, #""result":"%#Ss""#, #""error":"%#err_code""#,
    #""received":%>st"#, #""sent":%<st"#, #""duration":%tr"#,
  ]

  /// A log of one JSON object for each request, with these fields.
  static func log(to file: SquidWord, fields: [String]) -> [String] {
    [
      "# One JSON object for each request, when it ends. A full disk costs lines, not the service.",
      "logformat steer {" + fields.joined(separator: ",") + "}",
      "access_log stdio:\(file) logformat=steer on-error=drop",
      "buffered_logs off",
    ]
  }
}
