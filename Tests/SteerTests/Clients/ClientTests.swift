import DNSWire
import Foundation
import Testing

/// Answers of every kind, as dig, kdig and dnspython read them: none complains, and all read the same.
@Suite struct ClientTests {
  private static let policy = """
    apiVersion: egress.aibang.com/v1alpha1
    kind: SteeringZone
    metadata: {name: kinds-test}
    spec:
      zone: kinds.test
      zoneFile: kinds.test.zone
      reverseBlocks: [10.96.7.0/24]
      denyAnswer: NXDOMAIN
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressRoute
    metadata: {name: one}
    spec:
      hostnames: [one.kinds.test]
      backendRefs: [{namespace: proxy, name: one, port: 3128}]
      listenerPort: 13128
      domainNames: [login.example.com]
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressRoute
    metadata: {name: hidden}
    spec:
      hostnames: [hidden.kinds.test]
      backendRefs: [{namespace: proxy, name: hidden, port: 3128}]
      listenerPort: 13129
      domainNames: [github.com]
    ---
    apiVersion: egress.aibang.com/v1alpha1
    kind: EgressPolicy
    metadata: {name: everyone}
    spec:
      subject: {ipBlocks: [{cidr: 127.0.0.0/8}]}
      egress: [{name: one, action: Allow, routeRefs: [{name: one}]}]
    ---
    {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: one},
     spec: {clusterIPs: [10.96.7.10, "fd00:96::10"], ports: [{port: 3128, targetPort: 13128}]}}
    ---
    {apiVersion: v1, kind: Service, metadata: {namespace: proxy, name: hidden},
     spec: {clusterIPs: [10.96.7.20], ports: [{port: 3128, targetPort: 13129}]}}
    """

  private static let zone = ##"""
    $TTL 300
    @ SOA ns1 admin 1 3600 600 86400 5
    @ NS ns1
    @ MX 10 ns1
    ns1 A 192.0.2.53
    ns1 AAAA 2001:db8::53
    *.wild A 192.0.2.1
    a.b.c TXT "deep" "\000\255\"\\"
    toone CNAME one
    chain CNAME toone
    loop CNAME pool
    pool CNAME loop
    far CNAME www.example.com.
    old DNAME new.wild
    sub NS ns1.sub
    sub NS ns.outside.test.
    sub DS 1 8 2 abababababababababababababababababababababababababababababababab
    ns1.sub A 192.0.2.54
    _x._tcp SRV 1 2 53 ns1
    svc HTTPS 1 . alpn=h2 port=443
    svc AAAA 2001:db8::2
    alias SVCB 0 svc
    naptr NAPTR 1 1 "s" "SIP+D2U" "" _x._tcp
    caa CAA 0 issue "ca.example"
    tlsa TLSA 3 1 1 abababababababababababababababababababababababababababababababab
    loc LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
    generic TYPE65280 \# 3 010203
    \000\255\. TXT "odd"

    """##

  /// Every question, with the response code of its answer and whether there are records in its answer section.
  private static let questions: [(name: String, type: String, rcode: String, hasAnswer: Bool)] = [
    ("kinds.test", "SOA", "NOERROR", true), ("kinds.test", "NS", "NOERROR", true),
    ("kinds.test", "MX", "NOERROR", true), ("kinds.test", "ANY", "NOERROR", true),
    ("one.kinds.test", "A", "NOERROR", true), ("one.kinds.test", "AAAA", "NOERROR", true),
    ("one.kinds.test", "TXT", "NOERROR", false), ("hidden.kinds.test", "A", "NXDOMAIN", false),
    ("nothing.kinds.test", "A", "NXDOMAIN", false), ("b.c.kinds.test", "A", "NOERROR", false),
    ("a.b.c.kinds.test", "TXT", "NOERROR", true), ("x.wild.kinds.test", "A", "NOERROR", true),
    ("*.wild.kinds.test", "A", "NOERROR", true), ("chain.kinds.test", "A", "NOERROR", true),
    ("loop.kinds.test", "A", "NOERROR", true), ("far.kinds.test", "A", "NOERROR", true),
    ("x.old.kinds.test", "A", "NOERROR", true), ("old.kinds.test", "DNAME", "NOERROR", true),
    (longName, "A", "YXDOMAIN", true), ("x.sub.kinds.test", "A", "NOERROR", false),
    ("sub.kinds.test", "DS", "NOERROR", true), ("_x._tcp.kinds.test", "SRV", "NOERROR", true),
    ("svc.kinds.test", "HTTPS", "NOERROR", true), ("alias.kinds.test", "SVCB", "NOERROR", true),
    ("naptr.kinds.test", "NAPTR", "NOERROR", true), ("caa.kinds.test", "CAA", "NOERROR", true),
    ("tlsa.kinds.test", "TLSA", "NOERROR", true), ("loc.kinds.test", "LOC", "NOERROR", true),
    ("generic.kinds.test", "TYPE65280", "NOERROR", true), (#"\000\255\..kinds.test"#, "TXT", "NOERROR", true),
    ("big.kinds.test", "TXT", "NOERROR", true), ("10.7.96.10.in-addr.arpa", "PTR", "NOERROR", true),
    ("20.7.96.10.in-addr.arpa", "PTR", "NXDOMAIN", false), ("_generation.kinds.test", "TXT", "NOERROR", true),
    ("_explain.one.kinds.test", "TXT", "NOERROR", true), ("large._canary.kinds.test", "TXT", "NOERROR", true),
    ("example.com", "A", "REFUSED", false),
  ]

  /// A name below the DNAME for which there is no room under its target.
  private static let longName =
    [63, 63, 63, 44].map { String(repeating: "l", count: $0) }.joined(separator: ".") + ".old.kinds.test"

  /// What a client is called with before the questions.
  private static let options = [
    "dig": [
      "+norecurse", "+noall", "+comments", "+answer", "+authority", "+additional", "+unknownformat", "+tries=1",
    ],
    "kdig": [
      "+tcp", "+keepopen", "+norecurse", "+noall", "+header", "+comments", "+answer", "+authority", "+additional",
      "+generic",
    ],
  ]

  /// The interpreter with dnspython, which deploy/test.sh makes.
  private static let python = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../.build-python/bin/python").path
  private static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "ask.py").path

  @Test func everyClientReadsEveryAnswerAndAllReadTheSame() async throws {
    let folder = try WorkingFolder()
    try folder.write(Self.policy, to: "policy.yaml")
    let big = (0..<40).map { "big TXT \"\($0) \(String(repeating: "x", count: 200))\"\n" }.joined()
    try folder.write(Self.zone + big, to: "kinds.test.zone")
    try await SteerProcess.serving(folder.path) { server in
      let words = Self.questions.flatMap { [$0.name, $0.type] }
      let place = ["@\(try server.endpoint.address)", "-p", "\(try server.endpoint.port)"]
      var answers: [String: [ClientAnswer]] = [:]
      for (client, options) in Self.options {
        answers[client] = try await answersOf([client] + place + options + words)
      }
      let address = ["\(try server.endpoint.address)", "\(try server.endpoint.port)"]
      let both = try await answersOf([Self.python, Self.script] + address + words)
      try #require(both.count == 2 * Self.questions.count)
      answers["dnspython, UDP"] = Array(both.prefix(Self.questions.count))
      answers["dnspython, TCP"] = Array(both.dropFirst(Self.questions.count))
      for (index, question) in Self.questions.enumerated() {
        let note: Comment = "\(question.name) \(question.type)"
        for (client, answers) in answers {
          try #require(answers.count == Self.questions.count, "\(client)")
          #expect(answers[index].rcode == question.rcode, note)
          #expect(answers[index].records.contains { $0.hasPrefix("ANSWER ") } == question.hasAnswer, note)
          #expect(answers[index] == both[index], "\(client): \(note)")
        }
      }
    }
  }

  /// Runs a client that must not complain; its answers.
  private func answersOf(_ command: [String]) async throws -> [ClientAnswer] {
    let finished = try await run(command)
    try #require(finished.status != 127, "\(command[0]) is missing; deploy/test.sh installs it")
    #expect(finished.status == 0, "\(command[0]): \(finished.errors)")
    #expect(ClientAnswer.complaints(finished).isEmpty, "\(command[0])")
    return try ClientAnswer.read(finished.output)
  }
}
