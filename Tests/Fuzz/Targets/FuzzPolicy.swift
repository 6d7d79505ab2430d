import DNSWire
import Steering
import SteeringPolicy
import TestSupport
import ZoneFiles

/// What packets are answered from: a policy with a name of every kind.
enum FuzzPolicy {
  /// The time at which signatures are checked, in seconds since 1970.
  static let time: UInt64 = 1_800_000_000

  static let documents = """
    apiVersion: egress.aibang.com/v1alpha1
    kind: SteeringZone
    metadata: {name: steer-test}
    spec:
      zone: steer.test
      aliases: [steer.alias]
      zoneFile: steer.test.zone
      reverseBlocks: [10.96.7.0/24, "fd00:96::/112"]
      transfers:
      - {cidrs: [192.0.2.0/24], view: {namespace: team-a}}
      - {key: secondary.}
      identity:
        trustedForwarders:
        - {cidr: 10.0.0.53/32, sources: [edns-client-ip:65518]}
        - {cidr: 10.0.0.54/32, sources: [edns-client-subnet]}
        - {cidr: 10.0.0.55/32, sources: [edns-namespace:65519]}
        - {cidr: 10.0.0.56/32, sources: [proxy-protocol]}
        sources: [edns-client-ip:65518, edns-client-subnet, edns-namespace:65519, proxy-protocol, source-address]
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: SteeringZone
    metadata: {name: other-test}
    spec: {zone: other.test, denyAnswer: NODATA, unknownClient: Deny}
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressRoute
    metadata: {name: one}
    spec:
      hostnames: [one.steer.test, "deep.one.steer.test", one.other.test]
      backendRefs: [{namespace: proxy, name: one, port: 3128}]
      listenerPort: 13128
      domainNames: [login.example.com]
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressRoute
    metadata: {name: two}
    spec:
      hostnames: [two.steer.test]
      backendRefs: [{namespace: proxy, name: two, port: 3128, weight: 3}, {namespace: proxy, name: six, port: 3128}]
      listenerPort: 13129
      domainNames: [github.com]
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressPolicy
    metadata: {name: team-a}
    spec:
      priority: 10
      subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: team-a}}}
      egress: [{name: all, action: Allow, routeRefs: [{name: one}, {name: two}]}]
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressPolicy
    metadata: {name: team-b}
    spec:
      priority: 20
      mode: Report
      subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: team-b}}}
      egress: [{name: none, action: Deny, routeRefs: [{name: one}]}]
    ---
    {apiVersion: v1, kind: Namespace, metadata: {name: team-a}}
    ---
    {apiVersion: v1, kind: Namespace, metadata: {name: team-b}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {namespace: team-a, name: api}, status: {podIPs: [{ip: 10.8.1.1}, {ip: "fd00:8::1"}]}}
    ---
    {apiVersion: v1, kind: Pod, metadata: {namespace: team-b, name: api}, status: {podIPs: [{ip: 10.8.2.1}]}}
    ---
    {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: one},
     spec: {clusterIPs: [10.96.7.10, "fd00:96::10"], ports: [{port: 3128, targetPort: 13128}]}}
    ---
    {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: two},
     spec: {clusterIPs: [10.96.7.20], ports: [{port: 3128, targetPort: 13129}]}}
    ---
    {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: six},
     spec: {clusterIPs: ["fd00:96::20", 10.96.7.21], ports: [{port: 3128, targetPort: 13129}]}}
    """

  static let zone = #"""
    $TTL 60
    @ SOA ns1 admin 1 3600 600 86400 5
    @ NS ns1
    @ NS ns.outside.test.
    @ MX 10 one
    ns1 A 192.0.2.53
    ns1 AAAA 2001:db8::53
    *.wild A 192.0.2.1
    *.wild TXT "wild"
    a.b.c TXT "deep"
    *.alias CNAME wild
    alias CNAME a.wild
    toone CNAME one
    loop CNAME pool
    pool CNAME loop
    far CNAME www.example.com.
    old DNAME wild
    older DNAME old
    grow DNAME x.grow2
    grow2 DNAME grow
    sub NS ns1.sub
    sub NS ns.sibling
    sub DS 1 8 2 abababababababababababababababababababababababababababababababab
    ns1.sub A 192.0.2.54
    below.sub TXT "occluded"
    sibling NS ns.sibling
    ns.sibling AAAA 2001:db8::54
    srv SRV 1 2 53 ns1
    svc HTTPS 1 . alpn=h2
    svc A 192.0.2.2
    svcb SVCB 0 svc
    naptr NAPTR 1 1 "s" "SIP+D2U" "" _sip._udp
    afsdb AFSDB 1 ns1
    \000\255\. TXT "odd" "\000\"\\"
    big TXT "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    """#

  /// The snapshot of the policy, with a cookie secret and a key.
  static func snapshot() -> Snapshot {
    do {
      let policy = try TestPolicy.policy(documents)
      let master = MasterFile.load(path: "steer.test.zone", origin: try DomainName("steer.test.")) { _ in
        Array((zone + "\n" + bigRecords + "\n").utf8)
      }
      require(master.isUsable, "\(master.faults)")
      let records = master.records.map {
        StaticRecord($0.record, at: SourceLocation(file: "steer.test.zone", line: $0.line, column: 1))
      }
      let input = SnapshotCompiler.Input(policy: policy, records: ["steer-test": records], serial: 7)
      let compiled = SnapshotCompiler.compile(input)
      guard let snapshot = compiled.snapshot else { fatalError("\(compiled.diagnostics)") }
      let key = TransferKey(
        name: try DomainName("secondary."), algorithm: .hmacSHA256, secret: Array(repeating: 0x53, count: 32))
      return snapshot.replacing(
        secrets: ServerSecrets(
          cookies: CookieSecrets([Array(repeating: 0x43, count: 16)]), keys: KeyRing([key])))
    } catch {
      fatalError("\(error)")
    }
  }

  /// An RRset that truncates.
  private static var bigRecords: String {
    (0..<40).map { "big A 192.0.2.\($0)\nhuge TXT \"\($0) \(String(repeating: "x", count: 200))\"" }.joined(
      separator: "\n")
  }
}
