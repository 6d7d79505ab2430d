public import SteeringPolicy

/// What came of one `EgressTest`.
public struct PolicyTestResult: Codable, Equatable, Sendable {
  /// The test's name.
  public let name: String
  /// Where the test is written, as `file:line:column`.
  public let location: String
  /// What was expected and what came instead; empty if the test passed.
  public let failures: [String]

  /// Whether the test passed.
  public var passed: Bool { failures.isEmpty }
}

extension Snapshot {
  /// Runs a test: its query by the way of every query, its CONNECT by the decision about every CONNECT.
  public func run(_ test: EgressTest) -> PolicyTestResult {
    var failures: [String] = []
    let client: Client =
      switch test.client {
      case .pod(let namespace, let account): .namespace(namespace, serviceAccount: account)
      case .address(let address): .address(address)
      }
    guard let (snapshot, address) = asking(as: client) else {
      return PolicyTestResult(
        name: test.name, location: test.location.description, failures: ["the client is not known"])
    }
    if let query = test.query {
      let response = snapshot.response(to: query.name, query.type, from: address)
      if let expected = test.expectation.rcode, response?.rcode != expected {
        failures.append(
          "\(query.name) \(query.type): expected \(expected), got \(response?.rcode.description ?? "no answer")")
      }
      let data = response?.records.filter { $0.section == .answer && $0.type == query.type } ?? []
      if test.expectation.isNoData, !data.isEmpty {
        failures.append("\(query.name) \(query.type): expected NODATA, got \(data.count) records")
      }
      let got = Set(response?.addresses ?? [])
      if let expected = test.expectation.addresses, Set(expected) != got {
        failures.append("\(query.name) \(query.type): expected \(list(expected)), got \(list(Array(got)))")
      }
    }
    if let connect = test.connect {
      // The snapshot may be older than the test, and not have its route.
      guard let route = routes.first(where: { $0.name == connect.route }) else {
        return PolicyTestResult(
          name: test.name, location: test.location.description,
          failures: failures + ["the route \(connect.route) does not serve"])
      }
      let destination = Destination(host: connect.host, port: connect.port)
      let request = ProxyRequest(
        client: address, clientPort: 0, listenerPort: route.listenerPort, method: connect.method,
        destination: destination)
      let decision = ProxyAuthorizer.decide(request, in: snapshot)
      if decision.isAllowed != (connect.expect == .allow) {
        failures.append(
          "\(connect.method) \(destination) via \(route.name): expected \(connect.expect.rawValue), "
            + "got \(decision.isAllowed ? "Allow" : "Deny") (\(decision.reason.rawValue))")
      }
    }
    return PolicyTestResult(name: test.name, location: test.location.description, failures: failures)
  }
}

/// Addresses for a message.
private func list(_ addresses: [some Comparable & CustomStringConvertible]) -> String {
  addresses.isEmpty ? "no address" : addresses.sorted().map(\.description).joined(separator: " ")
}
