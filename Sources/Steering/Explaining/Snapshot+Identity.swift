import DNSWire
import SteeringPolicy

extension Snapshot {
  /// Says who asks: `client`, `identity`, `source`, what is known of a pod, and `view`.
  func describe(_ identity: ClientIdentity, zone: Int, in text: inout TextRecord) {
    if identity.isAddressKnown {
      text.begin("client")
      text.append(identity.address)
    }
    switch identity.kind {
    case .pod(let entry):
      let pod = pods.pod(ofEntry: entry)
      text.add("identity", "pod")
      text.add("namespace", pod.namespace)
      text.add("pod", pod.name)
      text.add("serviceAccount", pods.identities[pods.identity(ofEntry: entry)].serviceAccount)
    case .namespace(let entry):
      text.add("identity", "namespace")
      text.add("namespace", policy.namespaces.names[entry])
    case .block: text.add("identity", "address block")
    case .node: text.add("identity", "node")
    case .key: text.add("identity", "key")
    case .unknown: text.add("identity", podsAreSynchronized ? "unknown" : "unknown, pods not synchronized")
    }
    text.begin("source")
    append(sourceOf: identity, zone: zone, to: &text)
    text.begin("view")
    text.append(policy.classViews[Int(identity.clientClass)])
  }

  /// Adds the source that named the client: as a policy writes it, `listener`, or `none`.
  func append(sourceOf identity: ClientIdentity, zone: Int, to text: inout some OctetSink & ~Copyable) {
    switch identity.source {
    case ClientIdentity.listener: text.append("listener")
    case ClientIdentity.signature: text.append("tsig")
    case 0...: text.append(source: policy.identityRules[policy.zones[zone].identityRule].sources[identity.source])
    default: text.append("none")
    }
  }

  /// Says what became of each source: `candidate=SOURCE RESULT VALUE`.
  func describeCandidates(
    _ identity: ClientIdentity, _ query: borrowing Query, _ message: borrowing Span<UInt8>, _ sender: Sender,
    zone: Int, in text: inout TextRecord
  ) {
    if sender.listenerNamespace != nil {
      text.begin("candidate")
      text.append("listener ")
      text.append(identity.listener.word)
    }
    for place in 0..<policy.identityRules[policy.zones[zone].identityRule].sources.count {
      text.begin("candidate")
      append(candidate: place, of: identity, query, message, sender, zone: zone, to: &text)
    }
  }

  /// Adds `SOURCE RESULT VALUE` of one source.
  func append(
    candidate place: Int, of identity: ClientIdentity, _ query: borrowing Query, _ message: borrowing Span<UInt8>,
    _ sender: Sender, zone: Int, to text: inout some OctetSink & ~Copyable
  ) {
    let source = policy.identityRules[policy.zones[zone].identityRule].sources[place]
    text.append(source: source)
    text.append(octet: 0x20)
    text.append(identity.candidates[place].word)
    // Read as if the sender were trusted: what it says is shown, believed or not.
    let candidate = Candidate(
      source, sender, isTrusted: source != .sourceAddress, query.edns?.options ?? 0..<0, message)
    switch candidate.value {
    case .address(let address):
      text.append(octet: 0x20)
      text.append(address)
    case .namespace(let range):
      text.append(octet: 0x20)
      for index in range { text.append(octet: message[index]) }
    case .nothing(.tooCoarse):
      text.append(octet: 0x20)
      text.append(subnetAt: candidate.data.lowerBound, of: message)
    case .nothing: break
    }
  }
}

extension OctetSink where Self: ~Copyable {
  /// Adds a source as a policy writes it.
  mutating func append(source: IdentitySettings.Source) {
    switch source {
    case .ednsClientIP(let code):
      append("edns-client-ip:")
      append(code)
    case .ednsNamespace(let code):
      append("edns-namespace:")
      append(code)
    case .ednsClientSubnet: append("edns-client-subnet")
    case .proxyProtocol: append("proxy-protocol")
    case .sourceAddress: append("source-address")
    }
  }

  /// Adds `ADDRESS/LENGTH` of the Client Subnet whose data start at `position`; it was found to be well-formed.
  fileprivate mutating func append(subnetAt position: Int, of message: borrowing Span<UInt8>) {
    let prefix = message[position + 2]
    let octets = (Int(prefix) + 7) / 8
    var high: UInt64 = 0
    var low: UInt64 = 0
    for index in 0..<16 {
      let octet = index < octets ? UInt64(message[position + 4 + index]) : 0
      if index < 8 { high = high << 8 | octet } else { low = low << 8 | octet }
    }
    let isIPv4 = message[position + 1] == 1
    append(isIPv4 ? IPAddress(v4: UInt32(truncatingIfNeeded: high >> 32)) : IPAddress(high: high, low: low))
    append(octet: 0x2F)
    append(prefix)
  }
}
