public import DNSWire

/// What is kept of a query while it is answered, for the query log.
struct QueryTrace {
  var identity: ClientIdentity?
  /// The zone that was asked for.
  var zone = 0
  /// The route that the name steers to, or none.
  var route = Node.none
  /// What was decided of the route, as of a connection by it.
  var reason: ProxyAuthorizer.Reason?
  /// Whether the answer has the route's addresses.
  var hasAddresses = false
  var rcode = ResponseCode.noError

  /// Whether the log has an octet of a name as it is; one that means something in JSON or does not print becomes `?`.
  static func isLoggedAsItIs(_ octet: UInt8) -> Bool {
    (0x21...0x7E).contains(octet) && octet != 0x22 && octet != 0x5C
  }
}

extension Responder {
  /// Adds the line of the query log that tells of the last query, which was `message`.
  ///
  /// One JSON object: `time`, `transport`, `forwarder` (the sender, if it may speak for others) or `sender`, `name`,
  /// `type`, `rcode`, `client`, `identity`, `source`, `namespace`, `pod`, `serviceAccount`, `candidates` (one
  /// `SOURCE RESULT VALUE` each, in order), `route`, `verdict` (of a steered name: `Allow` or `Deny`), `reason`,
  /// `addresses` (whether the answer has the route's), `generation`. What is not known is left out. `time` is text.
  public mutating func appendLogLine(
    of message: Span<UInt8>, from address: IPAddress, relaying client: RelayedClient, over transport: Transport,
    at time: String, to log: inout [UInt8]
  ) {
    guard let query = self.query.take() else { return }
    // Taken, not copied: the buffer is the log's own again in the end.
    var line = JSONLine(after: log)
    log = []
    line.add("time") { $0.append(time) }
    line.add("transport") { $0.append(transport == .udp ? "udp" : "tcp") }
    let isForwarded = trace.identity?.isForwarded ?? false
    line.add(isForwarded ? "forwarder" : "sender") { $0.append(address) }
    if query.hasQuestion {
      line.begin("name")
      line.append(octet: 0x22)
      line.appendJSON(query.name)
      line.append(octet: 0x22)
      line.add("type") { $0.append(query.type.description) }
    }
    line.add("rcode") { $0.append(trace.rcode.description) }
    if let identity = trace.identity {
      let sender = Sender(address: address, relayed: client, listenerNamespace: listenerNamespace)
      snapshot.describe(identity, zone: trace.zone, in: &line)
      line.begin("candidates")
      line.append(octet: 0x5B)
      if sender.listenerNamespace != nil {
        line.append("\"listener ")
        line.append(identity.listener.word)
        line.append("\",")
      }
      for place in 0..<snapshot.policy.identityRules[snapshot.policy.zones[trace.zone].identityRule].sources.count {
        line.append(place == 0 ? "\"" : ",\"")
        snapshot.append(candidate: place, of: identity, query, message, sender, zone: trace.zone, to: &line)
        line.append(octet: 0x22)
      }
      line.append(octet: 0x5D)
    }
    if trace.route != Node.none { line.add("route") { $0.append(snapshot.policy.routes[Int(trace.route)].name) } }
    if let reason = trace.reason {
      line.add("verdict") { $0.append(reason == .allowed || reason == .reportMode ? "Allow" : "Deny") }
      line.add("reason") { $0.append(reason.rawValue) }
      line.add("addresses", flag: trace.hasAddresses)
    }
    line.add("generation") { $0.append(snapshot.generation.description) }
    log = line.finish()
    self.query = consume query
  }
}

extension Snapshot {
  /// Says who asks, as members of a line.
  fileprivate func describe(_ identity: ClientIdentity, zone: Int, in line: inout JSONLine) {
    if identity.isAddressKnown { line.add("client") { $0.append(identity.address) } }
    line.add("identity") { line in
      switch identity.kind {
      case .pod: line.append("pod")
      case .namespace: line.append("namespace")
      case .block: line.append("address block")
      case .node: line.append("node")
      case .key: line.append("key")
      case .unknown: line.append("unknown")
      }
    }
    line.add("source") { append(sourceOf: identity, zone: zone, to: &$0) }
    switch identity.kind {
    case .pod(let entry):
      let pod = pods.pod(ofEntry: entry)
      line.add("namespace") { $0.append(pod.namespace) }
      line.add("pod") { $0.append(pod.name) }
      line.add("serviceAccount") { $0.append(pods.identities[pods.identity(ofEntry: entry)].serviceAccount) }
    case .namespace(let entry): line.add("namespace") { $0.append(policy.namespaces.names[entry]) }
    default: break
    }
  }
}

extension JSONLine {
  /// Adds a name as the log has it.
  fileprivate mutating func appendJSON(_ name: borrowing QuestionName) {
    for label in 0..<name.labelCount {
      let start = name.start(ofLabel: label)
      for index in 0..<Int(name[start]) {
        let octet = name[start + 1 + index]
        append(octet: QueryTrace.isLoggedAsItIs(octet) ? octet : 0x3F)
      }
      append(octet: 0x2E)
    }
    if name.labelCount == 0 { append(octet: 0x2E) }
  }
}
