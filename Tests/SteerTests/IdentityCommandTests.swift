import DNSWire
import Foundation
import TestSupport
import Testing

/// Identity behind a forwarder, as the program shows and logs it.
///
/// In the example 127.0.0.53 is a trusted forwarder, believed in a local option.
@Suite struct IdentityCommandTests {
  private static let name = "microsoft.intra.aibang.local"
  /// The client 127.0.0.12, a pod of team-b, in a local option, and a Client Subnet of its network.
  private static let client: (UInt16, [UInt8]) = (65518, [127, 0, 0, 12])
  private static let network: (UInt16, [UInt8]) = (8, [0, 1, 24, 0, 127, 0, 0])

  private func query(options: [(UInt16, [UInt8])]) -> WireQuery {
    var query = WireQuery(Self.name, .a)
    for (code, data) in options { query.edns?.addOption(code, data) }
    return query
  }

  private func hex(_ octets: [UInt8]) -> String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test func aPacketIsExplainedWithEverySourceAndWhatBecameOfIt() async throws {
    let packet = hex(query(options: [Self.client]).octets)
    let explained = try await Steer.run(
      "explain", "--policy", WorkingFolder.zones.path, "--from", "127.0.0.53", "--packet", packet)
    #expect(explained.status == 0, "\(explained.errors)")
    for line in [
      "client        127.0.0.12",
      "identity      pod, namespace team-b, service account api, pod team-b/api-1 (edns-client-ip:65518)",
      "forwarder     127.0.0.53", "candidate     edns-client-ip:65518 used 127.0.0.12",
      "candidate     edns-client-subnet absent", "candidate     source-address forwarder 127.0.0.53",
      "rule          team-b/microsoft-canary, priority 50 (\(WorkingFolder.zones.path)/policies.yaml:22:5)",
      "addresses     10.96.7.11",
    ] {
      #expect(explained.lines.contains { $0 == line }, "no '\(line)' in:\n\(explained.output)")
    }
  }

  @Test func aPacketWithItsPROXYHeaderAndAFaultySourceIsExplainedAsUnknown() async throws {
    let packet = hex(query(options: [Self.client, Self.network]).octets)
    let policy = try WorkingFolder(copying: WorkingFolder.zones)
    try policy.replace("[edns-client-ip:65518]", with: "[edns-client-ip:65518, edns-client-subnet]", in: "zone.yaml")
    let explained = try await Steer.run(
      "explain", "--policy", policy.path, "--from", "127.0.0.53", "--output", "json", "--packet",
      "0d0a0d0a000d0a515549540a20000000" + packet)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(explained.output.utf8)) as? [String: Any])
    let client = try #require(object["client"] as? [String: Any])
    #expect(client["kind"] as? String == "unknown" && client["source"] as? String == "none")
    let candidates = try #require(client["candidates"] as? [[String: String]])
    #expect(
      candidates.map { "\($0["source"] ?? "") \($0["result"] ?? "") \($0["value"] ?? "")" } == [
        "edns-client-ip:65518 overruled 127.0.0.12", "edns-client-subnet too-coarse 127.0.0.0/24",
        "source-address forwarder 127.0.0.53",
      ])
  }

  @Test func aChainOfZonesIsExplainedByTheClientOfTheLast() async throws {
    let policy = try WorkingFolder(copying: WorkingFolder.zones)
    try policy.write(
      """
      apiVersion: egress.aibang.com/v1alpha1
      kind: SteeringZone
      metadata: {name: apps}
      spec: {zone: apps.test, zoneFile: apps.zone}
      """, to: "apps.yaml")
    try policy.write(
      "@ 300 IN SOA ns1 hostmaster 1 3600 600 86400 60\n@ 300 IN NS ns1\nms 300 IN CNAME \(Self.name).\n",
      to: "apps.zone")
    var query = WireQuery("ms.apps.test", .a)
    query.edns?.addOption(Self.client.0, Self.client.1)
    let explained = try await Steer.run(
      "explain", "--policy", policy.path, "--from", "127.0.0.53", "--packet", hex(query.octets))
    #expect(explained.lines.contains { $0 == "client        127.0.0.12" }, "\(explained.output)")
    #expect(explained.lines.contains { $0 == "addresses     10.96.7.11" }, "\(explained.output)")
  }

  @Test func aSignedQueryIsExplainedAsRefusedAndNotByAPolicy() async throws {
    var octets = query(options: [Self.client]).octets
    octets[11] += 1
    let algorithm: [UInt8] = [11] + Array("hmac-sha256".utf8) + [0]
    let data = algorithm + [0, 0, 0, 0, 0, 0, 1, 44, 0, 0, octets[0], octets[1], 0, 0, 0, 0]
    let signed = hex(octets + [0, 0, 250, 0, 255, 0, 0, 0, 0, 0, UInt8(data.count)] + data)
    let explained = try await Steer.run(
      "explain", "--policy", WorkingFolder.zones.path, "--from", "127.0.0.53", "--packet", signed)
    #expect(explained.lines.contains { $0.hasPrefix("answer") && $0.contains("NOTAUTH") }, "\(explained.output)")
    #expect(!explained.output.contains("decision"), "\(explained.output)")
  }

  @Test func whatIsNoPacketIsRefusedWithWhatToWrite() async throws {
    for (from, packet, says) in [
      ("team-a", "00", "--from is the address of the packet's sender"), ("127.0.0.53", "0", "two for each octet"),
      ("127.0.0.53", "zz", "two for each octet"), ("127.0.0.53", "0102", "not a query with one question"),
      ("127.0.0.53", "0d0a0d0a000d0a515549540a2111ffff", "not a query with one question"),
    ] {
      let explained = try await Steer.run(
        "explain", "--policy", WorkingFolder.zones.path, "--from", from, "--packet", packet)
      #expect(explained.status == 64)
      #expect(explained.errors.contains(says), "\(explained.errors)")
    }
  }

  @Test func theQueryLogNamesTheSourceAndEveryCandidateOverUDPAndTCP() async throws {
    let folder = try WorkingFolder()
    let file = folder.path(of: "queries.log")
    try await SteerProcess.serving(nil, ["--policy", WorkingFolder.zones.path, "--query-log", file]) { server in
      let message = query(options: [Self.client]).octets
      _ = try server.client(from: "127.0.0.53").ask(message)
      _ = try server.client(from: "127.0.0.53", overTCP: true).ask(query(options: [Self.client, Self.client]).octets)
      _ = try server.client(from: "127.0.0.11").ask(message)
      server.child.send(15)
      #expect(try await server.child.status() == 0)
    }
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    // UDP and TCP are written by different threads.
    #expect(lines.count == 3)
    let known = try #require(lines.first { $0["client"] as? String == "127.0.0.12" })
    #expect(known["forwarder"] as? String == "127.0.0.53" && known["transport"] as? String == "udp")
    #expect(known["namespace"] as? String == "team-b" && known["source"] as? String == "edns-client-ip:65518")
    #expect(known["route"] as? String == "microsoft" && known["rcode"] as? String == "NOERROR")
    #expect(known["name"] as? String == "\(Self.name)." && known["type"] as? String == "A")
    let doubled = try #require(lines.first { $0["transport"] as? String == "tcp" })
    #expect(doubled["identity"] as? String == "unknown" && doubled["client"] == nil)
    #expect((doubled["candidates"] as? [String])?.first == "edns-client-ip:65518 duplicate")
    let forged = try #require(lines.first { $0["sender"] as? String == "127.0.0.11" })
    #expect(forged["namespace"] as? String == "team-a" && forged["source"] as? String == "source-address")
    #expect((forged["candidates"] as? [String])?.first == "edns-client-ip:65518 untrusted 127.0.0.12")
  }

  @Test func aQueryLogThatCannotBeWrittenIsNamedAtTheStart() async throws {
    let serve = try await Steer.run(
      "serve", "--policy", WorkingFolder.zones.path, "--listen", "127.0.0.1:0", "--query-log", "/nowhere/queries.log")
    #expect(serve.status == 1)
    #expect(serve.errors.contains("the query log /nowhere/queries.log cannot be written"), "\(serve.errors)")
  }

  @Test func aListenerForAViewAnswersATrustedForwarderAsThatNamespace() async throws {
    try await SteerProcess.serving(
      WorkingFolder.zones.path, ["--listen-view", "team-b=127.0.0.1:0"]
    ) { server in
      try #require(server.endpoints.count == 2)
      func addresses(from source: UInt32, at endpoint: Int) throws -> [String] {
        let client = try LoopbackClient(from: IPAddress(v4: source), to: server.endpoints[endpoint])
        return try LDNSMessage(client.ask(WireQuery(Self.name, .a).octets)).answer
      }
      #expect(try addresses(from: 0x7F00_0035, at: 0) == [])
      #expect(try addresses(from: 0x7F00_0035, at: 1) == ["\(Self.name). 10 IN A 10.96.7.11"])
      #expect(try addresses(from: 0x7F00_000B, at: 1) == ["\(Self.name). 10 IN A 10.96.7.10"])
    }
    let wrong = try await Steer.run(
      "serve", "--policy", WorkingFolder.zones.path, "--listen-view", "127.0.0.1:5301")
    #expect(wrong.status == 64)
    #expect(wrong.errors.contains("listenView: '127.0.0.1:5301' is not NAMESPACE=ADDRESS:PORT"), "\(wrong.errors)")
  }

  @Test func aNamespaceMayHaveSeveralListeners() async throws {
    let views = ["team-b=127.0.0.1:0", "team-b=[::1]:0"]
    try await SteerProcess.serving(
      WorkingFolder.zones.path, views.flatMap { ["--listen-view", $0] }
    ) { server in
      let endpoints = server.endpoints
      try #require(endpoints.count == 3)
      let rendered = try await Steer.run(
        "render", "corefile", "--for", "bind", "--method", "views", WorkingFolder.zones.path,
        environment: ["STEER_LISTEN_VIEW": "team-b=\(endpoints[1]),team-b=\(endpoints[2])"])
      let forwarders = endpoints.dropFirst().map { "\($0.address) port \($0.port);" }.joined(separator: " ")
      #expect(rendered.status == 0 && rendered.output.contains("forwarders { \(forwarders) };"), "\(rendered.errors)")
    }
  }

  @Test func aListenerThatCannotServeItsViewIsSaidAtTheStart() async throws {
    let views = ["--listen-view", "team-z=127.0.0.1:0", "--listen-view", "team-b=127.0.0.1:0"]
    func warnings(_ policy: String) async throws -> [String] {
      try await SteerProcess.serving(policy, views) { server in
        server.child.send(15)
        let status = try await server.child.status()
        #expect(status == 0)
        return server.child.errors.split(separator: "\n").map(String.init).filter { $0.contains("a view's listener") }
      }
    }
    let unknown = try await warnings(WorkingFolder.zones.path)
    #expect(unknown.count == 1 && unknown.allSatisfy { $0.contains("team-z") && $0.contains("is not known") })
    let policy = try WorkingFolder(copying: WorkingFolder.zones)
    let zone = try String(contentsOf: policy.url.appending(path: "zone.yaml"), encoding: .utf8)
    let identity = try #require(zone.range(of: "  identity:"))
    try policy.write(String(zone[..<identity.lowerBound]), to: "zone.yaml")
    let untrusted = try await warnings(policy.path)
    #expect(untrusted.count == 2 && untrusted.contains { $0.contains("team-b") && $0.contains("no zone trusts") })
  }

  @Test func eachCanaryAnswerIsAnother() async throws {
    try await SteerProcess.serving { server in
      let answers = try (0..<4).map { _ in try server.ask("x._canary.intra.aibang.local", .txt).answer }
      #expect(Set(answers).count == 4)
      let large = try server.ask("large._canary.intra.aibang.local", .txt)
      #expect(large.flags.contains(.truncated) && large.answer.isEmpty)
      let small = try server.client().ask(WireQuery("small._canary.intra.aibang.local", .txt).octets)
      #expect((1_100...1_232).contains(small.count))
      // A source that nobody is known by may be forged: it gets no more than it sent.
      let stranger = try server.client(from: "127.0.0.99")
      let unknown = try stranger.ask(WireQuery("small._canary.intra.aibang.local", .txt).octets)
      #expect(unknown.count < 100 && unknown[2] & 0x02 != 0)
      let whole = try server.client(overTCP: true).ask(WireQuery("large._canary.intra.aibang.local", .txt).octets)
      #expect((2_900...3_200).contains(whole.count))
    }
  }

  @Test func aPROXYHeaderThatBreaksTheProtocolIsNotAnswered() async throws {
    try await SteerProcess.serving { server in
      let signature = ProxyHeader.signature
      let message = query(options: []).octets
      // A header of version 1, one whose length leaves the datagram, and one of an unknown command.
      for header in [[0x11, 0x11, 0, 0], [0x21, 0x11, 0x7F, 0xFF], [0x22, 0x11, 0, 0]] as [[UInt8]] {
        try server.client(from: "127.0.0.53").send(signature + header + message)
        let stream = try server.client(from: "127.0.0.53", overTCP: true)
        try stream.send(signature + header + [0, UInt8(message.count)] + message)
        #expect(try stream.receive() == nil)
      }
      #expect(try server.addresses() == ["10.96.7.10"])
      server.child.send(15)
      #expect(try await server.child.status() == 0)
      #expect(server.child.errors.contains("invalid_proxy_header=6"), "\(server.child.errors)")
    }
  }

  @Test func aStreamMayStartWithAHeaderInPiecesAndThenBringManyQueries() async throws {
    let policy = try WorkingFolder(copying: WorkingFolder.zones)
    try policy.replace("edns-client-ip:65518", with: "proxy-protocol", in: "zone.yaml")
    try await SteerProcess.serving(policy.path) { server in
      let stream = try server.client(from: "127.0.0.53", overTCP: true)
      let header =
        ProxyHeader.signature + [0x21, 0x11, 0, 12, 127, 0, 0, 12, 127, 0, 0, 1, 0x30, 0x39, 0, 53] as [UInt8]
      for octet in header { try stream.send([octet]) }
      for _ in 0..<3 {
        let answer = try LDNSMessage(stream.ask(query(options: []).octets))
        #expect(answer.answer == ["\(Self.name). 10 IN A 10.96.7.11"])
      }
    }
  }

  @Test func aCorefileIsRenderedAndPassesItsOwnCheck() async throws {
    let rendered = try await Steer.run("render", "corefile", WorkingFolder.zones.path, "--server", "10.96.77.10")
    #expect(rendered.status == 0, "\(rendered.errors)")
    #expect(rendered.output.contains("rewrite edns0 local set 0xffee {client_ip} revert"))
    let folder = try WorkingFolder()
    try folder.write(rendered.output, to: "Corefile")
    let file = folder.path(of: "Corefile")
    let checked = try await Steer.run("check", "--corefile", file, WorkingFolder.zones.path)
    #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    try folder.write(rendered.output.replacing("    errors\n", with: "    errors\n    cache 30\n"), to: "Corefile")
    let cached = try await Steer.run("check", "--corefile", file, WorkingFolder.zones.path)
    #expect(cached.status == 1)
    #expect(cached.output.contains("\(file):6:5: error: "), "\(cached.output)")
  }
}
