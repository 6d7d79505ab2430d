import Steering

extension MetricText {
  /// Adds what happened to DNS messages.
  mutating func add(counting count: (Counters.Kind) -> UInt64) {
    var name = ""
    for metric in Counters.Kind.allCases.map(DNSMetric.init).sorted(by: { $0.name < $1.name }) {
      if metric.name != name {
        name = metric.name
        begin(name, .counter, metric.help)
      }
      add(metric.labels, "\(count(metric.kind))")
    }
  }
}

/// What a counter is called.
///
/// Counters share a name where they are a whole together: responses by result, and so on.
private struct DNSMetric {
  let kind: Counters.Kind
  var name = ""
  var help = ""
  var label: (key: String, value: String)?

  var labels: KeyValuePairs<String, String> {
    guard let label else { return [:] }
    return [label.key: label.value]
  }

  init(_ kind: Counters.Kind) {
    self.kind = kind
    switch kind {
    case .receivedUDP: query("udp")
    case .receivedTCP: query("tcp")
    case .silence: set("unanswered", "Messages that must not be answered: responses, and what is no DNS message.")
    case .noError: response("NOERROR")
    case .noData: response("NODATA")
    case .referral: response("referral")
    case .formatError: response("FORMERR")
    case .serverFailure: response("SERVFAIL")
    case .nonexistentDomain: response("NXDOMAIN")
    case .notImplemented: response("NOTIMP")
    case .refused: response("REFUSED")
    case .notAuthorized: response("NOTAUTH")
    case .badVersion: response("BADVERS")
    case .nameExists: response("YXDOMAIN")
    case .serverName: set("server_name", "Answers for the name servers' own CH TXT names.")
    case .cookieValid: cookie("valid")
    case .cookieInvalid: cookie("invalid")
    case .truncated: set("truncated", "UDP responses that did not fit.")
    case .allowed: decision("allowed")
    case .blocked: decision("blocked")
    case .prohibited: decision("prohibited")
    case .enforceWouldDeny:
      set("would_deny", "Answers that only the Report mode of a policy let through.")
    case .unknownClient: set("unknown_client", "Queries in a served zone of clients without a known identity.")
    case .identityUntrusted: identity("untrusted")
    case .identityDuplicate: identity("duplicate")
    case .identityMalformed: identity("malformed")
    case .identityTooCoarse: identity("too-coarse")
    case .identityConflicting: identity("conflicting")
    case .identityUnknown: identity("unknown")
    case .identityAbsent: set("identity_absent", "Queries of forwarders that name no client.")
    case .transferStarted: transfer("started")
    case .transferFinished: transfer("finished")
    case .transferRefused: transfer("refused")
    case .tsigBadSignature: signature("BADSIG")
    case .tsigBadKey: signature("BADKEY")
    case .tsigBadTime: signature("BADTIME")
    case .tsigBadTruncation: signature("BADTRUNC")
    case .invalidProxyHeader:
      set("invalid_proxy_header", "Messages thrown away because the PROXY header before them breaks the protocol.")
    }
  }

  private mutating func set(_ name: String, _ help: String, _ key: String? = nil, _ value: String = "") {
    self.name = "steer_dns_\(name)_total"
    self.help = help
    label = key.map { ($0, value) }
  }

  private mutating func query(_ transport: String) { set("queries", "Messages received.", "transport", transport) }

  private mutating func response(_ result: String) { set("responses", "Responses by result.", "result", result) }

  private mutating func decision(_ result: String) {
    set("decisions", "Decisions about steered names.", "decision", result)
  }

  private mutating func cookie(_ result: String) {
    set("cookies", "Queries with a DNS cookie of this server.", "result", result)
  }

  private mutating func identity(_ reason: String) {
    set("identity_rejected", "Sources of identity that were there and not believed.", "reason", reason)
  }

  private mutating func transfer(_ event: String) { set("transfers", "Zone transfers.", "event", event) }

  private mutating func signature(_ error: String) {
    set("signature_errors", "Signatures that were not accepted.", "error", error)
  }
}
