import Testing

/// A fault of the way to a zone, and what a doctor finds of it.
struct PathFault: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let findings: [String]
  let change: @Sendable (inout FakePath.Settings) -> Void

  init(_ name: String, _ findings: [String], _ change: @escaping @Sendable (inout FakePath.Settings) -> Void) {
    testDescription = name
    self.findings = findings
    self.change = change
  }

  static let all = [
    PathFault("no rewrite", ["error identity-lost"]) { $0.setsClient = false },
    PathFault("an untrusted forwarder", ["error forwarder-not-trusted", "error identity-lost"]) {
      $0.trusted = false
    },
    PathFault("no rewrite, no trust", ["error identity-lost"]) {
      $0.trusted = false
      $0.setsClient = false
    },
    PathFault("a pod nobody knows", ["error identity-lost"]) { $0.namespaces = [:] },
    PathFault("another namespace", ["error identity-lost"]) { $0.namespaces = [FakePath.own: "team-z"] },
    PathFault("set without unset", ["warning client-options-pass"]) { $0.unsets = [] },
    PathFault("a namespace that passes beside an address", ["warning client-options-pass"]) {
      $0.sources.append("edns-namespace:65519")
      $0.unsets = [65518]
    },
    PathFault("a namespace that passes alone", ["error identity-lost", "error forged-identity-accepted"]) {
      $0.sources = ["edns-namespace:65519"]
      $0.setsClient = false
      $0.unsets = []
    },
    PathFault("an address that passes beside a namespace", ["error forged-identity-accepted"]) {
      $0.sources = ["edns-namespace:65519", "edns-client-ip:65518"]
      $0.setsClient = false
      $0.setsNamespace = true
      $0.unsets = [65519]
    },
    PathFault("an address that passes", ["error identity-lost", "error forged-identity-accepted"]) {
      $0.setsClient = false
      $0.unsets = []
    },
    PathFault("a subnet that passes beside an address", ["warning client-options-pass"]) {
      $0.sources.append("edns-client-subnet")
      $0.unsets = [65518]
    },
    PathFault("an address that passes beside a subnet", ["warning client-options-pass"]) {
      $0.sources = ["edns-client-ip:65518", "edns-client-subnet", "source-address"]
      $0.setsClient = false
      $0.setsSubnet = 32
      $0.unsets = [8]
    },
    PathFault("an address that passes and is not believed", []) {
      $0.sources = ["edns-client-ip:65518", "edns-client-subnet", "source-address"]
      $0.believed = ["edns-client-subnet"]
      $0.setsClient = false
      $0.setsSubnet = 32
      $0.unsets = [8]
    },
    PathFault("a source that is not believed", ["error forwarder-not-trusted", "error identity-lost"]) {
      $0.sources.append("edns-client-subnet")
      $0.believed = ["edns-client-subnet"]
    },
    PathFault("a subnet that passes doubled", ["warning client-options-pass"]) {
      $0.sources = ["edns-client-subnet"]
      $0.setsClient = false
      $0.setsSubnet = 32
      $0.unsets = []
    },
    PathFault("options that pass in a large question", ["error forged-identity-accepted"]) {
      $0.passesLarge = true
    },
    PathFault("options that pass in a signed question", ["error forged-identity-accepted"]) {
      $0.passesSigned = true
    },
    PathFault("a subnet that passes alone", ["error identity-lost", "error forged-identity-accepted"]) {
      $0.sources = ["edns-client-subnet"]
      $0.unsets = []
      $0.setsClient = false
    },
    PathFault("a cache of text", ["error shared-cache"]) { $0.cachesText = true },
    PathFault("a cache of addresses", ["error shared-cache"]) { $0.cachesAddresses = true },
    PathFault("a cache behind Client Subnet", ["warning shared-cache"]) {
      $0.sources = ["edns-client-subnet"]
      $0.setsClient = false
      $0.setsSubnet = 32
      $0.cachesAddresses = true
    },
    PathFault("no EDNS", ["error options-stripped", "error identity-lost"]) { $0.stripsEDNS = true },
    PathFault("a coarse subnet", ["error ecs-truncated", "error identity-lost"]) {
      $0.sources = ["edns-client-subnet"]
      $0.setsClient = false
      $0.setsSubnet = 24
    },
    PathFault("no TCP", ["error tcp-blocked"]) { $0.dropsTCP = true },
    PathFault("no TCP behind the resolver", ["error tcp-blocked"]) { $0.dropsLargeTCP = true },
    PathFault("no fragments", ["error large-udp-lost"]) {
      $0.sendsLargeUDP = true
      $0.dropsUDPOver = 1472
    },
    PathFault("a small MTU", ["error large-udp-lost"]) { $0.dropsUDPOver = 1000 },
    PathFault("REFUSED", ["error not-served"]) { $0.rcode = 5 },
    PathFault("SERVFAIL", ["error not-served"]) { $0.rcode = 2 },
    PathFault("NXDOMAIN", ["error not-served"]) { $0.rcode = 3 },
    PathFault("another server", ["error not-served"]) { $0.isSteer = false },
    PathFault("a dead stub zone", ["error not-served"]) { $0.silentForZone = true },
    PathFault("a dead resolver", ["error resolver-unreachable"]) { $0.silent = true },
    PathFault("no pods yet", ["error pods-not-synchronized"]) { $0.synchronized = false },
    PathFault("a rebinding filter", ["error rebind-filtered"]) { $0.filtersAddresses = true },
    PathFault("two sources", ["error identity-lost", "error identity-conflicting"]) {
      $0.sources = ["edns-client-subnet", "edns-client-ip:65518", "source-address"]
      $0.setsSubnet = 32
      $0.subnetClient = FakePath.other
    },
  ]
}
