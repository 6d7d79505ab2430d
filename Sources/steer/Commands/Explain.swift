import Admin
import ArgumentParser
import Control
import Steering
import SteeringPolicy

/// `steer explain`.
struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say why a client is answered as it is, or may connect or not.",
    usage: """
      steer explain --from CLIENT NAME [TYPE] [--server HOST:PORT]
      steer explain --from CLIENT --via ROUTE --connect HOST:PORT [--method METHOD] [--socket PATH]
      steer explain --from ADDRESS --packet HEX
      """,
    discussion: """
      CLIENT is an address, NAMESPACE, NAMESPACE/POD, or system:serviceaccount:NAMESPACE:NAME.

      With --packet, ADDRESS is that of the packet's sender, such as a CoreDNS, and the client is found as the server \
      would find it: each source of identity is listed with what became of it.

      The policy is that of --policy, of STEER_POLICY, or of the configuration file, as for 'steer serve'; or with \
      --server what a running server serves, which it tells only to clients on its own machine or pod:
        kubectl exec deploy/steer -- steer explain --server 127.0.0.1:9153 --from team-a microsoft.intra.aibang.local
      """)

  @Option(help: "Who asks.")
  var from: String

  @Argument(help: "The name that is asked for.")
  var name: String?

  @Argument(help: "The record type.")
  var type = "A"

  @Option(help: "The route whose proxy is asked.")
  var via: String?

  @Option(help: "The destination that the proxy is asked for, HOST:PORT.")
  var connect: String?

  @Option(help: "The HTTP method that the proxy is asked with.")
  var method = "CONNECT"

  @Option(
    help: ArgumentHelp(
      "Ask a running server at the address of its --admin, about what it serves now.", valueName: "host:port"))
  var server: String?

  @Option(
    help: ArgumentHelp(
      "With --connect: the decision socket of a running server, to say how the parents are.", valueName: "path"),
    completion: .file())
  var socket: String?

  @Option(help: ArgumentHelp("A query as it was received, with its PROXY header if it has one.", valueName: "hex"))
  var packet: String?

  @Option(name: .shortAndLong, help: "How to print: text or json.")
  var output = OutputFormat.text

  @OptionGroup var source: PolicyOptions

  func validate() throws {
    if [name, connect, packet].count(where: { $0 != nil }) != 1 {
      throw ValidationError("Ask for a NAME, for --via ROUTE --connect HOST:PORT, or for --packet HEX.")
    }
    if socket != nil, connect == nil { throw ValidationError("--socket goes with --connect.") }
    if server != nil, socket != nil || !source.isEmpty {
      throw ValidationError(
        "--server says what a running server serves: it goes without --policy, --config and --socket.")
    }
    if (via == nil) != (connect == nil) { throw ValidationError("--via and --connect go together.") }
  }

  func run() async throws {
    let explained: ExplanationWithParents
    do {
      // Before a policy is loaded, or a server asked: what cannot be understood needs neither.
      let client = try question.client
      if let server {
        explained = try await ExplanationWithParents(asking: AdminClient(server), question)
      } else {
        explained = try await explainLoaded(for: client)
      }
    } catch let fault as PolicyQuestion.Fault {
      throw ValidationError(fault.description)
    } catch let failure as AdminClient.Failure {
      Output.error("error: \(failure)")
      throw ExitCode.failure
    }
    switch output {
    case .json: try Output.json(explained)
    case .text: print(explained.text)
    }
  }

  private var question: PolicyQuestion {
    var question = PolicyQuestion(from: from)
    (question.name, question.type) = (name, type)
    (question.via, question.connect, question.method) = (via, connect, method)
    question.packet = packet
    return question
  }

  private func explainLoaded(for client: Client) async throws -> ExplanationWithParents {
    let loaded = try await source.policySource().loadOrExit()
    try checkKnown(client, in: loaded.policy)
    return try await ExplanationWithParents(
      loaded.snapshot.explain(question), of: loaded.policy.routes, socket: socket)
  }

  /// A namespace that nothing names is probably misspelt, and would be explained as denied.
  private func checkKnown(_ client: Client, in policy: PolicySet) throws {
    guard case .namespace(let namespace, _) = client else { return }
    if !policy.inventory.namespaces.contains(where: { $0.name == namespace }) {
      Output.error("note: namespace \(namespace) is in no Namespace, Pod or policy; check its spelling")
    }
  }
}

extension Explanation {
  /// The explanation for people, one step a line.
  var text: String {
    var lines: [(String, String)] = []
    func add(_ key: String, _ value: String?) {
      if let value { lines.append((key, value)) }
    }
    let identity = [
      client.namespace.map { "namespace \($0)" }, client.serviceAccount.map { "service account \($0)" },
      client.pod.map { "pod \($0)" },
    ].compactMap(\.self)
    add("client", client.address)
    add("identity", ([client.kind] + identity).joined(separator: ", ") + " (\(client.source))")
    add("forwarder", client.forwarder)
    for candidate in client.candidates {
      let words = [candidate.source, candidate.result, candidate.value]
      add("candidate", words.compactMap(\.self).joined(separator: " "))
    }
    add("view", "\(client.view)")
    if let answer {
      add("question", "\(answer.name) \(answer.type)")
      add("cname", answer.cnames.isEmpty ? nil : answer.cnames.joined(separator: " "))
      add("zone", answer.zone.map { "\($0) (\(answer.kind) name)" } ?? "none: not served here")
    }
    if let decision {
      add("decision", "\(decision.verdict): \(decision.reason)")
      let origin = decision.origin.map { " (\($0))" } ?? ""
      add("rule", decision.rule.map { "\($0), priority \(decision.priority ?? 0)" + origin })
      add("would deny", decision.reportedRule)
    }
    if let answer {
      let error = answer.extendedError.map { ", EDE \($0)" } ?? ""
      add("answer", answer.rcode + error + (answer.ttl.map { ", TTL \($0)" } ?? ""))
      add("addresses", answer.addresses.isEmpty ? nil : answer.addresses.joined(separator: " "))
    }
    if let route {
      add("route", route.name + (route.owner.map { ", owner \($0)" } ?? "") + " (\(route.origin))")
      for backend in route.backends {
        add(
          "service",
          "\(backend.service):\(backend.port) → \(backend.addresses.joined(separator: " ")), "
            + "weight \(backend.weight)")
      }
      add("listener", "port \(route.listenerPort)")
      add("parents", route.parentProxies.isEmpty ? nil : route.parentProxies.joined(separator: " "))
      add("methods", route.methods == ["CONNECT"] ? nil : route.methods.joined(separator: " "))
      add(
        "destinations",
        "\(route.domainNames.joined(separator: " ")), ports \(route.ports.map(String.init).joined(separator: " "))")
    }
    if let connect {
      let key = connect.method == "CONNECT" ? "connect" : "request"
      let request = connect.method == "CONNECT" ? connect.destination : "\(connect.method) \(connect.destination)"
      add(key, "\(request): \(connect.verdict) (\(connect.reason))")
    }
    add("generation", generation)
    return lines.map { key, value in
      key + String(repeating: " ", count: max(1, 14 - key.count)) + value
    }.joined(separator: "\n")
  }
}
