import DNSWire
import Foundation
import Glibc
import TestSupport
import Testing

/// Zone transfers of a running server: who has none, long ones, and what else its connection is good for.
@Suite(.timeLimit(.minutes(5))) struct ServedTransferTests {
  private static let zone = "intra.aibang.local"
  private static let view = SecondaryView.all[0]

  private static func dig(_ server: SteerProcess, _ options: String...) async throws -> Finished {
    let endpoint = try server.endpoint
    return try await run(["dig", "@\(endpoint.address)", "-p", "\(endpoint.port)", "+tries=1", "+time=20"] + options)
  }

  private static func serving<Result>(
    _ policy: WorkingFolder, _ keys: WorkingFolder, environment: [String: String] = [:],
    _ body: (SteerProcess) async throws -> Result
  ) async throws -> Result {
    let arguments = ["--tsig-keys", keys.path(of: "keys.yaml")]
    return try await SteerProcess.serving(policy.path, arguments, environment: environment, body)
  }

  @Test func whoHasNotTheKeyHasNotTheZone() async throws {
    let policy = try SecondaryTests.policy { _ in [] }
    let keys = try SecondaryTests.keyFile()
    try await Self.serving(policy, keys) { server in
      var wrong = Self.view
      wrong.secret = "YW5vdGhlciBzZWNyZXQsIDMyIG9jdGV0cyBsb25nISE="
      var unknown = Self.view
      unknown.name = "team-c"
      let cases: [(String, [String], String)] = [
        (wrong.commandKey, [], "BADSIG"), (unknown.commandKey, [], "BADKEY"),
        (Self.view.commandKey, ["-b", "127.0.1.1"], "Transfer failed"),
      ]
      for (key, source, expected) in cases {
        let answer = try await run(
          ["dig", "@127.0.0.1", "-p", "\(try server.endpoint.port)", "-y", key] + source + [Self.zone, "axfr"])
        #expect(answer.output.contains(expected), "\(answer.output)")
        #expect(!answer.output.contains("\tSOA\t"), "\(answer.output)")
      }
      let unsigned = try await Self.dig(server, Self.zone, "axfr")
      #expect(unsigned.output.contains("Transfer failed"))
      for said in [
        "signature refused: the key's secret is another", "signature refused: no such key with that algorithm",
        "zone transfer refused: neither key nor address may have it",
      ] {
        try await eventually("it is logged: \(said)") { server.child.errors.contains(said) }
      }
      let good = try await Self.dig(server, "-y", Self.view.commandKey, Self.zone, "axfr")
      #expect(good.output.contains("\tSOA\t"))
      try await eventually("the transfer is logged") { server.child.errors.contains("zone transferred") }
      for secret in SecondaryView.all.map(\.secret) { #expect(!server.child.errors.contains(secret.prefix(12))) }
    }
  }

  @Test func aSignedQuestionIsAnsweredAsTheViewOfItsKey() async throws {
    let policy = try SecondaryTests.policy { _ in [] }
    let keys = try SecondaryTests.keyFile()
    try await Self.serving(policy, keys) { server in
      for (view, address) in zip(SecondaryView.all, ["10.96.7.10", "10.96.7.11"]) {
        let dig = try await Self.dig(server, "-y", view.commandKey, "microsoft.\(Self.zone)")
        #expect(dig.output.contains(address) && !dig.output.contains("WARNING -- Some TSIG"), "\(dig.output)")
        let kdig = try await run(
          [
            "kdig", "@127.0.0.1", "-p", "\(try server.endpoint.port)", "-y", view.commandKey,
            "microsoft.\(Self.zone)",
          ])
        #expect(kdig.output.contains(address) && !kdig.errors.contains("TSIG"), "\(kdig.output)\(kdig.errors)")
      }
    }
  }

  @Test func aNewKeyHoldsWithoutARestartAndABrokenFileChangesNothing() async throws {
    let policy = try SecondaryTests.policy { _ in [] }
    let keys = try SecondaryTests.keyFile()
    try await Self.serving(policy, keys) { server in
      func hasZone(_ view: SecondaryView) async throws -> Bool {
        try await Self.dig(server, "-y", view.commandKey, Self.zone, "axfr").output.contains("\tSOA\t")
      }
      #expect(try await hasZone(Self.view))
      let generation = try server.generation()
      try keys.replace("keys:", with: "keyz:", in: "keys.yaml")
      try await eventually("the broken file is refused") { server.child.errors.contains("secrets refused") }
      #expect(try await hasZone(Self.view))
      var other = Self.view
      other.secret = "YW5vdGhlciBzZWNyZXQsIDMyIG9jdGV0cyBsb25nISE="
      try keys.write(
        "keys: [{name: \(other.key), algorithm: \(other.algorithm), secret: \"\(other.secret)\"}]\n", to: "keys.yaml")
      try await eventually("the new key holds") { try await hasZone(other) }
      #expect(try await !hasZone(Self.view))
      #expect(try await !hasZone(SecondaryView.all[1]))
      #expect(server.child.errors.contains("a key that the policy names is not in the key file"))
      #expect(try server.generation() == generation)
    }
  }

  @Test func checkTellsOfKeysThatThePolicyNamesAndTheFileLacks() async throws {
    let policy = try SecondaryTests.policy { _ in [] }
    let keys = try SecondaryTests.keyFile()
    let file = keys.path(of: "keys.yaml")
    let good = try await Steer.run("check", policy.path, "--tsig-keys", file)
    #expect(good.status == 0 && good.output.contains("0 errors, 0 warnings"), "\(good.output)")
    try keys.replace("team-b.secondary", with: "team-x.secondary", in: "keys.yaml")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
    let warned = try await Steer.run("check", policy.path, "--tsig-keys", file)
    #expect(warned.status == 0 && warned.output.contains("0 errors, 2 warnings"), "\(warned.output)")
    #expect(warned.output.contains("zone.yaml:18:11: warning:") && warned.output.contains("[transfer-key-missing]"))
    #expect(warned.output.contains("[key-file-permissions]"))
    let unasked = try await Steer.run("check", policy.path)
    #expect(unasked.output.contains("0 errors, 0 warnings"), "\(unasked.output)")
    try keys.replace("hmac-sha512", with: "hmac-md5", in: "keys.yaml")
    let refused = try await Steer.run("check", policy.path, "--tsig-keys", file)
    #expect(refused.status == 1 && refused.output.contains("keys.yaml:3:39: error:"), "\(refused.output)")
    for output in [good, warned, refused].map(\.output) {
      for secret in SecondaryView.all.map(\.secret) { #expect(!output.contains(secret.prefix(12))) }
    }
  }

  @Test func aSecondaryIsToldAgainUntilItSaysThatItKnows() async throws {
    let peer = try DatagramPeer()
    let policy = try SecondaryTests.policy { $0.name == "team-a" ? [peer.endpoint.port] : [] }
    try Self.leaveTheApexAlone(policy)
    let keys = try SecondaryTests.keyFile()
    try await Self.serving(policy, keys) { server in
      let first = try peer.next()
      let notice = try LDNSMessage(first.message)
      let serial = try server.generation().serial
      #expect(first.message[2] & 0x7C == 0x24 && notice.questionName == Self.zone + ".")
      #expect(notice.answer.count == 1 && notice.answer[0].contains(" \(serial) 3600 "), "\(notice.answer)")
      #expect(first.message[11] == 1 && first.message.contains(Array("hmac-sha256".utf8)))
      // Neither an answer to something else nor one that anyone could send counts.
      var foreign = Array(first.message.prefix(12 + notice.questionSize))
      foreign[2] |= 0x80
      foreign.replaceSubrange(6..<12, with: [0, 0, 0, 0, 0, 0])
      peer.send(foreign, to: first.sender)
      foreign[0] ^= 0xFF
      peer.send(foreign, to: first.sender)
      let second = try peer.next()
      #expect(try LDNSMessage(second.message).answer == notice.answer)
      // A change on the way: the old serial is told no more.
      try policy.replace("10.96.7.10", with: "10.96.7.50", in: "inventory.yaml")
      try await eventually("the new serial is told") {
        let next = try peer.next()
        return try !LDNSMessage(next.message).answer[0].contains(" \(serial) ")
      }
    }
  }

  @Test func aSecondaryThatRefusesIsLoggedOnceAndToldOnce() async throws {
    let peer = try DatagramPeer()
    let policy = try WorkingFolder(copying: WorkingFolder.zones)
    try Self.leaveTheApexAlone(policy)
    try policy.addTransfers(["{cidrs: [127.0.0.9/32], notify: [\"127.0.0.1:\(peer.endpoint.port)\"]}"])
    try await SteerProcess.serving(policy.path) { server in
      func refuse() throws {
        let notice = try peer.next()
        #expect(try LDNSMessage(notice.message).additional.isEmpty)
        var answer = notice.message
        answer[2] |= 0x80
        answer[3] = 5
        peer.send(answer, to: notice.sender)
      }
      try refuse()
      try await eventually("the refusal is logged") { server.child.errors.contains("refuses it with code 5") }
      // What was sent before the answer came may be there still.
      while peer.receive(within: 1) != nil {}
      // Longer than between the attempts that would follow.
      #expect(peer.receive(within: 5000) == nil, "\(server.child.errors)")
      // The next serial is told anew, and a refusal that is known is not logged again.
      try policy.replace("negativeTTL: 5s", with: "negativeTTL: 6s", in: "zone.yaml")
      try refuse()
      #expect(server.child.errors.split(separator: "secondary not notified").count == 2, "\(server.child.errors)")
    }
  }

  /// A zone of 100,000 records beside the example's own.
  private static func longPolicy() throws -> WorkingFolder {
    let policy = try SecondaryTests.policy { _ in [] }
    let file = try String(contentsOf: policy.url.appending(path: "intra.aibang.local.zone"), encoding: .utf8)
    let records = (0..<100_000).map { "h\($0) IN A 10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255)\n" }.joined()
    try policy.write(file + records, to: "intra.aibang.local.zone")
    try policy.addTransfers(["{cidrs: [127.0.0.99/32]}"])
    return policy
  }

  /// Leaves a policy nothing to tell of but its zone's own apex, so that there is one notice.
  private static func leaveTheApexAlone(_ policy: WorkingFolder) throws {
    try policy.replace("  aliases: [intra.aibang.internal]", with: "  aliases: []", in: "zone.yaml")
    try policy.replace("  reverseBlocks: [10.96.7.0/24]", with: "  reverseBlocks: []", in: "zone.yaml")
  }

  @Test func aLongZoneIsSignedMessageByMessage() async throws {
    let policy = try Self.longPolicy()
    let keys = try SecondaryTests.keyFile()
    try await Self.serving(policy, keys) { server in
      for view in SecondaryView.all {
        let dig = try await Self.dig(server, "-y", view.commandKey, Self.zone, "axfr")
        #expect(
          dig.output.contains("XFR size: 1000") && dig.output.contains("messages 1"), "\(dig.output.suffix(300))")
        #expect(
          !dig.output.contains("Couldn't verify") && !dig.output.contains("failed"), "\(dig.output.suffix(300))")
        let kdig = try await run(
          ["kdig", "@127.0.0.1", "-p", "\(try server.endpoint.port)", "-y", view.commandKey, Self.zone, "AXFR"])
        #expect(kdig.status == 0 && !kdig.errors.contains("TSIG"), "\(kdig.errors)")
        #expect(kdig.lines.count { $0.contains("\tA\t10.") } > 100_000)
      }
    }
  }

  @Test func aQueryBehindALongTransferIsAnsweredBeforeItEnds() async throws {
    let policy = try Self.longPolicy()
    let keys = try SecondaryTests.keyFile()
    try await Self.serving(policy, keys) { server in
      let client = try server.client(from: "127.0.0.99", overTCP: true)
      try client.send(WireQuery(id: 1, Self.zone, .axfr).framed)
      // The first message is there: the transfer is under way, and all buffers fill, for nobody reads the rest.
      let first = try LDNSMessage(try #require(try client.receive()))
      #expect(first.id == 1 && first.answer.first?.contains(" SOA ") == true)
      try client.send(WireQuery(id: 2, "ns1.\(Self.zone)", .a).framed)
      var records = first.answer.count
      var before = 0
      var hasAnswer = false
      var last = first.answer.last
      while !hasAnswer || last?.contains(" SOA ") != true {
        let message = try LDNSMessage(try #require(try client.receive()))
        if message.id == 2 {
          #expect(message.answer == ["ns1.\(Self.zone). 300 IN A 10.96.77.10"])
          hasAnswer = true
          before = records
        } else {
          #expect(message.id == 1)
          records += message.answer.count
          last = message.answer.last
        }
      }
      #expect(records > 100_000)
      #expect(before < records / 2, "the answer came after \(before) of \(records) records")
    }
  }

  @Test func whoDoesNotReadATransferLosesItAndOthersHaveTheirTurn() async throws {
    let policy = try Self.longPolicy()
    let keys = try SecondaryTests.keyFile()
    let limits = ["STEER_TCP_TRANSFERS": "1", "STEER_TCP_IDLE_SECONDS": "2"]
    try await Self.serving(policy, keys, environment: limits) { server in
      let greedy = try server.client(from: "127.0.0.99", overTCP: true)
      try greedy.send(WireQuery(id: 1, Self.zone, .axfr).framed)
      _ = try #require(try greedy.receive())
      let second = try server.client(from: "127.0.0.99", overTCP: true)
      let postponed = try LDNSMessage(second.ask(WireQuery(id: 2, Self.zone, .axfr).octets))
      #expect(postponed.rcode == 2 && postponed.answer.isEmpty)
      // Questions are answered all the while.
      #expect(try server.addresses() == ["10.96.7.10"])
      #expect(try LDNSMessage(server.client(overTCP: true).ask(WireQuery("ns1.\(Self.zone)", .a).octets)).rcode == 0)
      try await eventually("the greedy one's transfer is over") {
        server.child.errors.contains("zone transfer broken off")
      }
      let dig = try await Self.dig(server, "-y", Self.view.commandKey, Self.zone, "axfr")
      #expect(dig.output.contains("XFR size: 1000"), "\(dig.output.suffix(300))")
    }
  }

  @Test func oneClientDoesNotTakeTheTransfersOfOthers() async throws {
    let policy = try Self.longPolicy()
    let keys = try SecondaryTests.keyFile()
    let limits = ["STEER_TCP_TRANSFERS_PER_CLIENT": "1"]
    try await Self.serving(policy, keys, environment: limits) { server in
      let greedy = try server.client(from: "127.0.0.99", overTCP: true)
      try greedy.send(WireQuery(id: 1, Self.zone, .axfr).framed)
      _ = try #require(try greedy.receive())
      let second = try server.client(from: "127.0.0.99", overTCP: true)
      #expect(try LDNSMessage(second.ask(WireQuery(id: 2, Self.zone, .axfr).octets)).rcode == 2)
      let dig = try await Self.dig(server, "-y", Self.view.commandKey, Self.zone, "axfr")
      #expect(dig.output.contains("XFR size: 1000"), "\(dig.output.suffix(300))")
      _ = consume greedy
    }
  }

  @Test func aTransferOfAClientThatIsDoneSendingIsWhole() async throws {
    let policy = try Self.longPolicy()
    let keys = try SecondaryTests.keyFile()
    try await Self.serving(policy, keys) { server in
      let client = try server.client(from: "127.0.0.99", overTCP: true)
      try client.send(WireQuery(id: 1, Self.zone, .axfr).framed)
      client.endInput()
      var last: String?
      while let message = try client.receive() { last = try LDNSMessage(message).answer.last }
      #expect(last?.contains(" SOA ") == true)
    }
  }
}

extension LDNSMessage {
  /// The size of the question in octets.
  fileprivate var questionSize: Int { (questionName?.utf8.count ?? 0) + 1 + 4 }
}
