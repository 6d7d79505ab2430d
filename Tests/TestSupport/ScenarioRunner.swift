import Control
import DNSServer
import DNSWire
public import Foundation
import Steering

/// Runs a scenario three times: in process, over UDP and over TCP, with libldns reading every answer.
public struct ScenarioRunner {
  /// A way for a question to reach the server.
  private struct Way {
    var name: String
    /// Asks a message, with what goes before it, from an address.
    var ask: (_ message: [UInt8], _ header: [UInt8], IPAddress) async throws -> [UInt8]
    var count: (Counters.Kind) -> UInt64
  }

  private let scenario: Scenario
  private let snapshot: Snapshot

  /// Loads the scenario file and its policy; `folder` is where policies are named from.
  public init(_ file: URL) throws {
    scenario = try Scenario(String(contentsOf: file, encoding: .utf8))
    let scenario = scenario
    let policies = scenario.policies.map { file.deletingLastPathComponent().appendingPathComponent($0).path }
    let loaded = try TemporaryFolder.with { folder in
      for (name, content) in scenario.files {
        try Data(content.utf8).write(to: folder.appendingPathComponent(name))
      }
      return SnapshotLoader.load(policies + (scenario.files.isEmpty ? [] : [folder.path]), serial: 7)
    }
    guard let snapshot = loaded.snapshot else {
      let findings = loaded.diagnostics.map(\.description).joined(separator: "\n")
      throw Scenario.Fault(description: "the policy is refused:\n\(findings)")
    }
    self.snapshot = snapshot.replacing(pods: snapshot.pods, areSynchronized: scenario.podsAreSynchronized)
  }

  /// Runs every step every way; returns what was not as expected.
  public func run() async throws -> [String] {
    let loopback = Endpoint(address: IPAddress(v4: 0x7F00_0001), port: 0)
    let views = scenario.listenerNamespace.map { DNSServer.ViewListener(ListenerView(namespace: $0), at: loopback) }
    let server = try await DNSServer(
      .init(endpoints: views == nil ? [loopback] : [], viewListeners: views.map { [$0] } ?? [], threads: 1),
      serving: snapshot)
    let endpoint = server.endpoints[0]
    let counters = Counters()
    let ways = [
      Way(
        name: "in process", ask: { try inProcess($0, $1, from: $2, counters) }, count: { counters[$0] }),
      Way(
        name: "udp", ask: { try LoopbackClient(from: $2, to: endpoint).ask($1 + $0) }, count: server.count),
      Way(
        name: "tcp",
        ask: { message, header, source in
          let client = try LoopbackClient(from: source, to: endpoint, overTCP: true)
          try client.send(header)
          return try client.ask(message)
        },
        count: server.count),
    ]
    var failures: [String] = []
    if scenario.steps.isEmpty { failures.append("the scenario has no step") }
    for step in scenario.steps {
      for way in ways where applies(step, to: way) {
        for failure in await run(step, way) {
          failures.append("line \(step.line), \(way.name): \(step.title): \(failure)")
        }
      }
    }
    await server.drain()
    return failures
  }

  /// Only addresses of the loopback network can ask over a socket.
  private func applies(_ step: Scenario.Step, to way: Way) -> Bool {
    if way.name == "in process" { return step.transport != "tcp" }
    let isLoopback = step.client.isIPv4 && step.client.octets.first == 127
    return isLoopback && (step.transport ?? way.name) == way.name
  }

  private func inProcess(
    _ query: [UInt8], _ header: [UInt8], from client: IPAddress, _ counters: Counters
  ) throws -> [UInt8] {
    var responder = Responder(
      snapshot, listenerView: scenario.listenerNamespace.map(ListenerView.init), counters: counters)
    var relayed = RelayedClient.none
    if case .present(let client, _) = ProxyHeader.read(header.span, isDatagram: true) { relayed = client }
    var buffer = [UInt8](repeating: 0xAA, count: Responder.udpBufferSize)
    var span = buffer.mutableSpan
    let size = responder.respond(to: query.span, from: client, relaying: relayed, over: .udp, into: &span)
    return Array(buffer.prefix(size))
  }

  private func run(_ step: Scenario.Step, _ way: Way) async -> [String] {
    let before = Counters.Kind.allCases.map(way.count)
    do {
      let octets = try await way.ask(step.packet ?? step.query.octets, step.proxyHeader, step.client)
      let counts = zip(Counters.Kind.allCases, before).map { ($0, way.count($0) - $1) }
      return check(octets, step, way) + check(counts, step)
    } catch {
      return ["\(error)"]
    }
  }

  private func check(_ octets: [UInt8], _ step: Scenario.Step, _ way: Way) -> [String] {
    let message: LDNSMessage
    do {
      message = try LDNSMessage(octets)
    } catch {
      return ["libldns refuses the answer: \(error)"]
    }
    var failures: [String] = []
    func expect<Value: Equatable>(_ what: String, _ got: Value, _ wanted: Value) {
      if got != wanted { failures.append("\(what): expected \(wanted), got \(got)") }
    }
    let asked = step.packet ?? step.query.octets
    let query = try? LDNSMessage(asked)
    var read = Query()
    _ = read.read(asked.span)
    let question = step.packet == nil ? step.query.question.count : read.questionEnd - Header.size
    expect("id", Array(octets.prefix(2)), Array(asked.prefix(2)))
    expect("question", Array(octets.dropFirst(12).prefix(question)), Array(asked.dropFirst(12).prefix(question)))
    if let rcode = step.rcode { expect("rcode", message.fullRcode, rcode.rawValue) }
    var flags: Set<LDNSMessage.Flag> = [.response]
    if step.flags.contains("aa") { flags.insert(.authoritative) }
    if step.flags.contains("tc") { flags.insert(.truncated) }
    if step.flags.contains("rd") { flags.insert(.recursionDesired) }
    expect("flags", message.flags, flags)
    let hasEDNS = step.packet == nil ? step.query.edns != nil : query?.edns != nil
    let isDO = step.packet == nil ? step.query.edns?.dnssecOK : query?.edns?.dnssecOK
    expect("EDNS", message.edns != nil, hasEDNS)
    expect("DO", message.edns?.dnssecOK ?? false, isDO ?? false)
    expect("EDE", extendedError(message), step.extendedError)
    expect("Client Subnet", option(8, of: message), step.clientSubnet)
    // What says who the client is goes no further (65001 to 65534 is for local use).
    expect("local options", (0xFDE9...0xFFFE).filter { option($0, of: message) != nil }, [])
    for (name, got) in [
      ("answer", message.answer), ("authority", message.authority), ("additional", message.additional),
    ] {
      let wanted = step.sections[name] ?? []
      if !matches(got, wanted) { failures.append("\(name): expected \(wanted), got \(got)") }
    }
    let limit = way.name == "tcp" ? 65_535 : min(1232, max(512, Int(step.query.edns?.payloadSize ?? 512)))
    if octets.count > limit { failures.append("\(octets.count) octets, more than \(limit)") }
    return failures
  }

  private func check(_ counts: [(Counters.Kind, UInt64)], _ step: Scenario.Step) -> [String] {
    guard let wanted = step.counts else { return [] }
    let changed = counts.filter { $0.1 > 0 && $0.0 != .receivedUDP && $0.0 != .receivedTCP }
    let got = Dictionary(uniqueKeysWithValues: changed.map { ($0.0.name, $0.1) })
    return got == wanted ? [] : ["counters: expected \(wanted), got \(got)"]
  }

  private func extendedError(_ message: LDNSMessage) -> UInt16? {
    guard let data = option(15, of: message), data.count >= 2 else { return nil }
    return UInt16(data[0]) << 8 | UInt16(data[1])
  }

  /// The data of the first option of a code.
  private func option(_ code: UInt16, of message: LDNSMessage) -> [UInt8]? {
    var options = message.edns?.options ?? []
    while options.count >= 4 {
      let length = Int(options[2]) << 8 | Int(options[3])
      if UInt16(options[0]) << 8 | UInt16(options[1]) == code { return Array(options.dropFirst(4).prefix(length)) }
      options = Array(options.dropFirst(4 + length))
    }
    return nil
  }

  /// Whether the records are those wanted, in any order; `*` at the end of a wanted one stands for any text.
  private func matches(_ got: [String], _ wanted: [String]) -> Bool {
    guard got.count == wanted.count else { return false }
    return zip(got.sorted(), wanted.sorted()).allSatisfy { got, wanted in
      wanted.hasSuffix("*") ? got.hasPrefix(wanted.dropLast()) : got == wanted
    }
  }
}
