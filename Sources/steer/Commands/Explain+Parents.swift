import Admin
import ArgumentParser
import ProxyRoutes
import Steering
import SteeringPolicy

/// An explanation, and how the parents of its route are as a running server sees them.
struct ExplanationWithParents: Encodable {
  private enum Key: String, CodingKey {
    case parents
  }

  /// The explanation, by a policy that was loaded or the one that a server serves.
  let served: ServedExplanation
  /// The parents in the order in which they are tried; nil if no server was asked.
  let parents: [ProxyStatus.Parent]?

  /// The explanation's own fields, and `parents` beside them.
  func encode(to encoder: any Encoder) throws {
    try served.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encodeIfPresent(parents, forKey: .parents)
  }

  /// The explanation for people, with lines for parents, objects that are held back, and the inventory at its end.
  var text: String {
    var lines = [served.explanation.text]
    lines += (parents ?? []).map { "parent        \($0.text)" }
    lines += (served.held ?? []).map { "held back     the last version of \($0.object): \($0.reason)" }
    if let inventory = served.inventory { lines.append("inventory     \(inventory.text)") }
    return lines.joined(separator: "\n")
  }
}

extension ExplanationWithParents {
  /// The explanation with the health that the server at `socket` knows of; the end of the command if there is none.
  init(_ explanation: Explanation, of routes: [EgressRoute], socket: String?) async throws {
    served = ServedExplanation(explanation)
    guard let socket, let route = routes.first(where: { $0.name == explanation.route?.name }) else {
      parents = nil
      return
    }
    let status = try await DecisionSocketOptions.ask(socket)
    parents = route.parentProxies.map { parent in
      let state = ProxyStatus.Parent(ParentHealth.State(parent: parent, check: route.healthCheck))
      // One that the server does not check, because its policy is another, is shown as one that was not checked.
      return status.parents.first { $0.isSameCheck(as: state) } ?? state
    }
  }

  /// What a running server says, and of a request to a proxy how the parents are.
  init(asking server: AdminClient, _ question: PolicyQuestion) async throws {
    served = try await server.explain(question)
    guard question.connect != nil, let proxies = served.explanation.route?.parentProxies,
      let status = try await server.proxyStatus(ProxyStatus.self)
    else {
      parents = nil
      return
    }
    parents = proxies.flatMap { proxy in status.parents.filter { "\($0.host):\($0.port)" == proxy } }
  }
}
