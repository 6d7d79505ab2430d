public import DNSWire
import SteeringPolicy

/// Why a client is answered as it is: identity → rule → answer → Service → listener → parent → destinations.
///
/// Programs read it as JSON; the names of its fields are stable.
public struct Explanation: Codable, Sendable {
  /// Who asks, and how that was found.
  public struct Identity: Codable, Sendable {
    /// The client's address; nil if only its namespace is known.
    public var address: String?
    /// `pod`, `namespace`, `address block`, `node` or `unknown`.
    public var kind: String
    /// What the identity was taken from: a source as policies write it, `listener`, `none`, or `as asked`.
    public var source: String
    /// The packet's sender, if it may speak for clients.
    public var forwarder: String?
    /// What became of each source of the zone, in order; empty where the client is as asked.
    public var candidates: [Candidate] = []
    public var namespace: String?
    public var serviceAccount: String?
    public var pod: String?
    /// The number of the view, within the generation.
    public var view: Int
  }

  /// A source of identity and what became of it.
  public struct Candidate: Codable, Sendable {
    public var source: String
    /// `used`, `agrees`, `absent`, `untrusted`, `duplicate`, `malformed`, `too-coarse`, `conflicting`, `forwarder`,
    /// `unknown` or `overruled`.
    public var result: String
    /// What it said, as far as it can be read.
    public var value: String?
  }

  /// A DNS answer.
  public struct Answer: Codable, Sendable {
    public var name: String
    public var type: String
    public var rcode: String
    /// INFO-CODE of the extended DNS error.
    public var extendedError: Int?
    public var addresses: [String]
    /// Of the first record of the answer section, in seconds.
    public var ttl: Int?
    /// The zone that the name lies in.
    public var zone: String?
    /// `steered`, `static`, `delegated`, `redirected` by a DNAME, `absent`, or `outside` of every zone.
    public var kind: String
    /// The names that CNAMEs and DNAMEs lead to, in order.
    public var cnames: [String]
  }

  /// What decided about the route.
  public struct Decision: Codable, Sendable {
    /// `Allow` or `Deny`.
    public var verdict: String
    /// Why, in words.
    public var reason: String
    /// `POLICY/RULE` that decided.
    public var rule: String?
    /// Where that rule is written: `FILE:LINE:COLUMN`, or `KIND/NAME` of an object of the cluster.
    public var origin: String?
    public var priority: Int?
    /// `POLICY/RULE` that would have denied, were its policy not in Report mode.
    public var reportedRule: String?
  }

  /// The route, as far as the snapshot knows it.
  public struct Route: Codable, Sendable {
    /// A Service behind the route.
    public struct Backend: Codable, Sendable {
      public var service: String
      public var port: Int
      public var weight: Int
      public var addresses: [String]
    }

    public var name: String
    /// Where it is written: `FILE:LINE:COLUMN`, or `KIND/NAME` of an object of the cluster.
    public var origin: String
    public var owner: String?
    /// The Services that this client is sent to.
    public var backends: [Backend]
    public var listenerPort: Int
    public var domainNames: [String]
    public var ports: [Int]
    public var methods: [String]
    public var parentProxies: [String]
    /// `Failover` or `RoundRobin`.
    public var parentSelection: String
    /// `Keep` or `Close`: what becomes of open connections that are no longer allowed.
    public var onRevocation: String
  }

  /// A request to the proxy.
  public struct Connect: Codable, Sendable {
    /// `CONNECT`, or the method of a request in plain HTTP.
    public var method: String
    /// `HOST:PORT`.
    public var destination: String
    /// `Allow` or `Deny`.
    public var verdict: String
    /// Why, as a word.
    public var reason: String
  }

  public var client: Identity
  public var answer: Answer?
  public var decision: Decision?
  public var route: Route?
  public var connect: Connect?
  /// `SERIAL/DIGEST`.
  public var generation: String
}

extension Snapshot {
  /// Explains the answer to a query; nil if the client is a pod that is not known.
  public func explain(_ name: DomainName, _ type: RecordType, for client: Client) -> Explanation? {
    guard let (snapshot, address) = asking(as: client) else { return nil }
    let identity = ClientIdentifier.identify(address, in: snapshot)
    return snapshot.explain(
      name, type, identity, describedAs: snapshot.describe(identity, askedAs: client),
      snapshot.response(to: name, type, from: address))
  }

  /// Explains the answer to a message as it comes from a sender, a PROXY header before it included; nil if it is not
  /// answered.
  ///
  /// A message that is no query, or of no zone, has no identity to explain.
  public func explain(message octets: [UInt8], from address: IPAddress) -> Explanation? {
    var message = octets
    var relayed = RelayedClient.none
    switch ProxyHeader.read(octets.span, isDatagram: true) {
    case .absent: break
    case .present(let client, let length):
      relayed = client
      message.removeFirst(length)
    case .incomplete, .invalid: return nil
    }
    var responder = Responder(self, seed: 1)
    responder.logsQueries = true
    var query = Query()
    guard case .query = query.read(message.span),
      let name = try? DomainName(wire: message[Header.size..<(query.questionEnd - 4)]),
      let response = response(of: &responder, to: message, from: address, relaying: relayed)
    else { return nil }
    let sender = Sender(address: address, relayed: relayed)
    let identity = responder.trace.identity ?? ClientIdentity(address: address)
    var description = describe(identity, askedAs: .address(address))
    description.forwarder = identity.isForwarded ? address.description : nil
    description.source = "none"
    if responder.trace.identity != nil {
      let zone = responder.trace.zone
      let sources = policy.identityRules[policy.zones[zone].identityRule].sources
      if identity.source >= 0 { description.source = sources[identity.source].description }
      description.candidates = sources.indices.map { place in
        var text = TextOctets()
        append(candidate: place, of: identity, query, message.span, sender, zone: zone, to: &text)
        return Explanation.Candidate(text.description)
      }
    }
    // What is refused before anyone is looked for (a signed query, another class, a transfer) no policy decided.
    return explain(
      name, query.type, identity, describedAs: description, response, isDecided: responder.trace.identity != nil)
  }

  private func explain(
    _ name: DomainName, _ type: RecordType, _ identity: ClientIdentity, describedAs client: Explanation.Identity,
    _ response: Response?, isDecided: Bool = true
  ) -> Explanation {
    var explanation = Explanation(client: client, generation: generation.description)
    let place = place(of: name, for: identity)
    explanation.answer = Explanation.Answer(
      name: name.description, type: type.description, rcode: response?.rcode.description ?? "SERVFAIL",
      extendedError: response?.extendedError.map(Int.init),
      addresses: response?.addresses.map(\.description) ?? [],
      ttl: response?.records.first { $0.section == .answer }.map { Int($0.ttl) },
      zone: place.zone?.description, kind: place.kind, cnames: place.cnames)
    if !isDecided {
      return explanation
    } else if identity.isUnknown, let refusal = place.refusal {
      explanation.decision = Explanation.Decision(verdict: "Deny", reason: "\(refusal)")
    } else if let route = place.route {
      explain(route, for: identity, in: &explanation)
      if explanation.decision?.verdict == "Allow", let node = place.node, !pointsBack(at: node, for: identity) {
        explanation.decision = Explanation.Decision(
          verdict: "Deny", reason: "the client is answered with another address for the name")
      }
    }
    return explanation
  }

  /// Explains the decision about a request by a route; nil if the client is a pod that is not known.
  public func explain(
    _ destination: Destination, via route: Int, method: String = "CONNECT", for client: Client
  ) -> Explanation? {
    guard let (snapshot, address) = asking(as: client) else { return nil }
    let identity = ClientIdentifier.identify(address, in: snapshot)
    var explanation = Explanation(
      client: snapshot.describe(identity, askedAs: client), generation: generation.description)
    let request = ProxyRequest(
      client: address, clientPort: 0, listenerPort: routes[route].listenerPort, method: method,
      destination: destination)
    let decision = ProxyAuthorizer.decide(request, in: snapshot)
    explanation.connect = Explanation.Connect(
      method: method, destination: destination.description, verdict: decision.isAllowed ? "Allow" : "Deny",
      reason: decision.reason.rawValue)
    snapshot.explain(UInt32(route), for: identity, in: &explanation)
    return explanation
  }

  private func explain(_ route: UInt32, for identity: ClientIdentity, in explanation: inout Explanation) {
    let decision = policy.rules.decide(
      class: identity.clientClass, route: route, ownVariant: policy.ownVariants[Int(route)])
    explanation.decision = describe(decision)
    explanation.route = describe(route, decision)
  }

  private func describe(_ identity: ClientIdentity, askedAs client: Client) -> Explanation.Identity {
    var description = Explanation.Identity(
      address: identity.isAddressKnown ? identity.address.description : nil, kind: identity.kind.word,
      source: "as asked",
      view: Int(policy.classViews[Int(identity.clientClass)]))
    switch identity.kind {
    case .unknown, .block, .node, .key: break
    case .namespace(let entry): description.namespace = policy.namespaces.names[entry]
    case .pod(let entry):
      let pod = pods.identities[pods.identity(ofEntry: entry)]
      description.namespace = pod.namespace
      description.serviceAccount = pod.serviceAccount
      description.pod = "\(pods.pod(ofEntry: entry))"
    }
    if case .namespace(_, let account) = client {
      // The pod was a stand-in; only what was asked about is told.
      description.address = nil
      description.pod = nil
      description.serviceAccount = account
    }
    return description
  }

  private func describe(_ decision: RuleTable.Decision) -> Explanation.Decision {
    let rule = decision.rule.map { policy.rules.rules[Int($0)] }
    let verdict: (String, String) =
      switch decision.outcome {
      case .blocked where decision.tiedRule != nil:
        ("Deny", "rule \(decision.tiedRule.map(name(ofRule:)) ?? "") has the same priority and decides otherwise")
      case .allow(_, false): ("Allow", "a rule allows it")
      case .allow(_, true): ("Allow", "only because a policy is in Report mode")
      case .blocked: ("Deny", "a rule denies it")
      case .prohibited: ("Deny", "no rule allows it")
      }
    return Explanation.Decision(
      verdict: verdict.0, reason: verdict.1, rule: decision.rule.map(name(ofRule:)),
      origin: decision.rule.map { policy.ruleLocations[Int($0)].description },
      priority: rule.map { Int(policy.rules.policies[Int($0.policy)].priority) },
      reportedRule: decision.reportedRule.map(name(ofRule:)))
  }

  private func describe(_ route: UInt32, _ decision: RuleTable.Decision) -> Explanation.Route {
    let egress = routes[Int(route)]
    let own = decision.rule.flatMap { policy.ruleBackends[Int($0)] }
    return Explanation.Route(
      name: egress.name, origin: egress.location.description, owner: egress.owner,
      backends: (own ?? egress.backends).map { backend in
        Explanation.Route.Backend(
          service: backend.service.description, port: Int(backend.port), weight: Int(backend.weight),
          addresses: backend.addresses.map(\.description))
      },
      listenerPort: Int(egress.listenerPort), domainNames: egress.destinations.map(\.description),
      ports: egress.ports.map(Int.init), methods: egress.methods,
      parentProxies: egress.parentProxies.map { "\($0.host):\($0.port)" },
      parentSelection: egress.parentSelection.rawValue, onRevocation: egress.onRevocation.rawValue)
  }

  /// Where a name leads: its zone, what it is there, and the route at the end of its CNAMEs.
  private func place(of name: DomainName, for identity: ClientIdentity) -> NamePlace {
    var question = QuestionName()
    var place = NamePlace()
    var links = AliasChain()
    let octets = policy.octets
    guard question.read(from: name.wire.span, at: 0) != nil else { return place }
    while let lookup = ZoneLookup(question, in: self) {
      place.zone = place.zone ?? policy.zones[lookup.zone].apex
      let match = lookup.find(question, in: self)
      place.refusal = refusalOfUnknown(zone: lookup.zone, match)
      switch match {
      case .absent: place.set("absent")
      case .delegated: place.set("delegated")
      case .redirected(let node):
        place.set("redirected")
        if let dname = rrset(.dname, at: node), links.visit(node),
          question.substitute(
            labelsFrom: lookup.label(of: node, in: self), by: octets.span, at: dname.nameStart)
        {
          place.cnames.append(question.domainName?.description ?? "?")
          continue
        }
      case .exact(let node), .wildcard(let node):
        let route = route(at: node, for: identity)
        place.set(route == Node.none ? "static" : "steered")
        if route != Node.none {
          place.route = route
          place.node = node
        } else if let alias = rrset(.cname, at: node), links.visit(node),
          question.read(from: octets.span, at: alias.nameStart) != nil
        {
          place.cnames.append(question.domainName?.description ?? "?")
          continue
        }
      }
      return place
    }
    return place
  }

  /// Where a name leads.
  private struct NamePlace {
    var zone: DomainName?
    var kind = "outside"
    var cnames: [String] = []
    var route: UInt32?
    /// The node that steers to it, or that is one of its addresses.
    var node: Int?
    /// Why an unknown client is kept from the name.
    var refusal: StaticString?

    /// Says what the name itself is; what its CNAMEs lead to does not change that.
    mutating func set(_ kind: String) {
      if self.kind == "outside" { self.kind = kind }
    }
  }
}

/// Text gathered for a person to read.
private struct TextOctets: OctetSink {
  private var octets: [UInt8] = []

  mutating func append(octet: UInt8) { octets.append(octet) }

  var description: String { String(decoding: octets, as: UTF8.self) }
}

extension Explanation.Candidate {
  /// Reads `SOURCE RESULT VALUE`.
  fileprivate init(_ text: String) {
    let parts = text.split(separator: " ", maxSplits: 2).map(String.init)
    source = parts.first ?? ""
    result = parts.dropFirst().first ?? ""
    value = parts.count > 2 ? parts[2] : nil
  }
}
