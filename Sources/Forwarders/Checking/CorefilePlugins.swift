/// What is known of CoreDNS's plugins; their order is fixed when CoreDNS is built, whatever the Corefile's is.
enum CorefilePlugins {
  /// The order of CoreDNS 1.13, in which a query meets them.
  static let order = [
    "root", "metadata", "geoip", "cancel", "tls", "quic", "grpc_server", "https", "https3", "timeouts", "multisocket",
    "reload", "nsid", "bufsize", "bind", "debug", "trace", "ready", "health", "pprof", "prometheus", "errors", "log",
    "dnstap", "local", "dns64", "acl", "any", "chaos", "loadbalance", "tsig", "cache", "rewrite", "header", "dnssec",
    "autopath", "minimal", "template", "transfer", "hosts", "route53", "azure", "clouddns", "k8s_external",
    "kubernetes", "file", "auto", "secondary", "etcd", "nomad", "loop", "forward", "grpc", "erratic", "whoami", "on",
    "sign", "view",
  ]

  /// Where each stands in the order.
  static let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })

  /// Those that answer from data of their own, and how many arguments stand before the zones that they answer for.
  ///
  /// An argument of `route53`, `azure` and `clouddns` is a zone, a colon and more.
  static let answering: [String: Int] = [
    "template": 2, "hosts": 1, "route53": 0, "azure": 0, "clouddns": 0, "k8s_external": 0, "kubernetes": 0,
    "file": 1, "auto": 0, "secondary": 0, "etcd": 0, "nomad": 0,
  ]

  /// Those that change Steer's answers, and how.
  static let changing: [String: (code: CorefileFindingCode, effect: String)] = [
    "dns64": (.answerChanged, "makes up IPv6 addresses where Steer has none"),
    "autopath": (.answerChanged, "answers for other names of the search path"),
    "any": (.orderChanged, "answers ANY itself, and Steer answers that question too"),
    "loadbalance": (.orderChanged, "shuffles what Steer orders by weight"),
    "minimal": (.mayChangeAnswer, "takes away what Steer says beside the answer"),
    "header": (.mayChangeAnswer, "changes the flags of Steer's answers"),
    "dnssec": (.mayChangeAnswer, "signs what Steer answers, and adds to it"),
  ]
}
