import DNSWire
import Foundation
import TestSupport
import Testing

/// Name servers from Debian as secondaries of two views, with the configurations that the documentation shows.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SecondaryTests {
  private static let zones = ["intra.aibang.local", "intra.aibang.internal", "7.96.10.in-addr.arpa"]
  /// What is asked for below the apex, by what stands there.
  private static let names = [
    "", "ns1.", "int-proxy.", "status.", "www.status.", "microsoft.", "github.", "_generation.", "a.wild.", "wild.",
    "a.b.wild.", "nothing.", "x.microsoft.", "status.status.", "10.", "11.", "20.", "50.",
  ]
  /// The refresh time of the zone is an hour: who follows earlier was notified.
  private static let patience = Duration.seconds(20)

  @Test(arguments: SecondaryProgram.allCases)
  func itHasEachViewAsSteerAnswersItAndFollowsAChange(_ program: SecondaryProgram) async throws {
    let groups = program.hasViews ? [SecondaryView.all] : SecondaryView.all.map { [$0] }
    let ports = try FreePorts.take(groups.count)
    let policy = try Self.policy { view in
      groups.firstIndex { $0.contains { $0.name == view.name } }.map { [ports[$0]] } ?? []
    }
    let keys = try Self.keyFile()
    try await SteerProcess.serving(policy.path, ["--tsig-keys", keys.path(of: "keys.yaml")]) { steer in
      let secondaries = try zip(groups, ports).map { views, port in
        try Secondary(program, views, of: Self.zones, primary: steer.endpoint, port: port)
      }
      do {
        let first = try steer.generation().serial
        for secondary in secondaries {
          try await secondary.awaitSerial(first, of: Self.zones, within: ChildProcess.patience)
          try await Self.compare(secondary, with: steer)
        }
        #expect(
          try Self.addresses(of: "microsoft", secondaries) == ["team-a": ["10.96.7.10"], "team-b": ["10.96.7.11"]])
        #expect(try Self.addresses(of: "github", secondaries) == ["team-a": [], "team-b": ["10.96.7.20"]])

        try policy.replace("10.96.7.10", with: "10.96.7.50", in: "inventory.yaml")
        try await eventually("the change is served") { try steer.addresses() == ["10.96.7.50"] }
        let second = try steer.generation().serial
        #expect(second != first)
        for secondary in secondaries {
          try await secondary.awaitSerial(second, of: Self.zones, within: Self.patience)
          try await Self.compare(secondary, with: steer)
        }
        #expect(
          try Self.addresses(of: "microsoft", secondaries) == ["team-a": ["10.96.7.50"], "team-b": ["10.96.7.11"]])
      } catch {
        Issue.record("\(secondaries.map(\.log).joined(separator: "\n"))\n\(steer.child.errors)")
        for secondary in secondaries { await secondary.stop() }
        throw error
      }
      for secondary in secondaries { await secondary.stop() }
      #expect(steer.child.errors.contains("zone transferred"))
      #expect(!steer.child.errors.contains("warning"), "\(steer.child.errors)")
    }
  }

  @Test(arguments: SecondaryProgram.allCases)
  func theDocumentationShowsTheConfigurationThatIsTested(_ program: SecondaryProgram) throws {
    let page = WorkingFolder.zones.deletingLastPathComponent()
      .appending(path: "Sources/steer/Documentation.docc/ZoneTransfer.md")
    let views = SecondaryView.all.map { view in
      SecondaryView(
        name: view.name, client: view.name == "team-a" ? "10.8.1.0/24" : "10.8.2.0/24", algorithm: view.algorithm,
        secret: "SECRET-OF-\(view.name.uppercased())")
    }
    let text = program.configuration(
      program.hasViews ? views : [views[0]], of: ["intra.aibang.local"],
      primary: Endpoint(address: IPAddress(v4: 0x0A60_000A), port: 53), readers: "127.0.0.1")
    #expect(try String(contentsOf: page, encoding: .utf8).contains("\n```\n\(text)```\n"), "\(text)")
  }

  /// The example's policy with transfers to every view's secondary, and with wildcards.
  static func policy(notifying ports: (SecondaryView) -> [UInt16]) throws -> WorkingFolder {
    let policy = try WorkingFolder(copying: WorkingFolder.zones)
    try policy.addTransfers(
      SecondaryView.all.map { view in
        let notified = ports(view).map { "\"127.0.0.1:\($0)\"" }.joined(separator: ", ")
        return "{key: \(view.key), cidrs: [127.0.0.0/24], view: {namespace: \(view.name)}, notify: [\(notified)]}"
      })
    let file = try String(contentsOf: policy.url.appending(path: "intra.aibang.local.zone"), encoding: .utf8)
    let wildcards = "*.wild IN A 192.0.2.1\n* IN TXT \"wild\"\n"
    try policy.write(file + wildcards, to: "intra.aibang.local.zone")
    return policy
  }

  /// A folder with the file of all keys, `keys.yaml`, which nobody else can read.
  static func keyFile() throws -> WorkingFolder {
    let folder = try WorkingFolder()
    try folder.write(SecondaryView.keyFile, to: "keys.yaml")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path(of: "keys.yaml"))
    return folder
  }

  /// Compares all records of the zones, and the answers to questions, with those of Steer for the same view.
  private static func compare(_ secondary: Secondary, with steer: SteerProcess) async throws {
    for view in secondary.views {
      for zone in zones {
        let own = try await records(of: zone, at: steer.endpoint, from: "127.0.0.1", "-y", view.commandKey)
        let theirs = try await records(of: zone, at: secondary.endpoint, from: view.client)
        #expect(own.count >= 5)
        #expect(theirs == own, "\(secondary.program) \(view.name)")
        for name in zone.hasSuffix(".arpa") ? ["", "10.", "11.", "99."] : names {
          for type in [RecordType.a, .aaaa, .txt, .cname, .ns, .soa, .mx, .ptr] {
            try compare(name + zone, type, secondary, view, steer)
          }
        }
      }
    }
  }

  private static func compare(
    _ name: String, _ type: RecordType, _ secondary: Secondary, _ view: SecondaryView, _ steer: SteerProcess
  ) throws {
    let own = try steer.ask(name, type, from: view.client)
    let theirs = try secondary.ask(name, type, as: view)
    // What is hidden from team-a lies below a wildcard: the secondary has a placeholder there.
    if view.name == "team-a", name.hasPrefix("github."), !name.hasSuffix("arpa") {
      #expect(own.rcode == 3 && own.answer.isEmpty)
      #expect(theirs.rcode == 0 && theirs.answer.isEmpty == (type != .txt), "\(secondary.program) \(name) \(theirs)")
      return
    }
    #expect(theirs.rcode == own.rcode, "\(secondary.program) \(view.name) \(name) \(type)")
    // Not every server follows a CNAME from one zone into another.
    let zone = try #require(zones.first(where: name.hasSuffix))
    func inZone(_ record: String) -> Bool { record.split(separator: " ").first?.hasSuffix(zone + ".") == true }
    #expect(
      theirs.answer.filter(inZone).sorted() == own.answer.filter(inZone).sorted(),
      "\(secondary.program) \(view.name) \(name) \(type)")
  }

  /// All records of a zone, one a line, sorted.
  private static func records(
    of zone: String, at server: Endpoint, from source: String, _ options: String...
  ) async throws -> [String] {
    let command = [
      "dig", "@\(server.address)", "-p", "\(server.port)", "-b", source, "+noall", "+answer", "+tries=1",
    ]
    let answer = try await run(command + options + [zone, "axfr"])
    return answer.lines.filter { !$0.hasPrefix(";") && !$0.contains("\tTSIG\t") }
      .map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }.sorted()
  }

  /// The addresses that a name has in each view.
  private static func addresses(of name: String, _ secondaries: [Secondary]) throws -> [String: [String]] {
    var addresses: [String: [String]] = [:]
    for secondary in secondaries {
      for view in secondary.views {
        let answer = try secondary.ask("\(name).\(zones[0])", .a, as: view).answer
        addresses[view.name] = answer.compactMap { $0.split(separator: " ").last.map(String.init) }
      }
    }
    return addresses
  }
}

extension WorkingFolder {
  /// Adds rules about transfers to the example's zone.
  func addTransfers(_ rules: [String]) throws {
    let zone = try String(contentsOf: url.appending(path: "zone.yaml"), encoding: .utf8)
    let lines = zone.split(separator: "\n", omittingEmptySubsequences: false)
    let place = try #require(lines.firstIndex { $0.hasPrefix("  transfers:") })
    let all = lines[...place] + rules.map { "  - \($0)" } + lines[(place + 1)...]
    try write(all.joined(separator: "\n"), to: "zone.yaml")
  }
}
