import Admin
import Control
import ProxyRoutes

/// How a server is, and its proxies.
struct WholeStatus: Encodable {
  let server: ServerStatus
  /// The proxies; nil if the server runs none, or does not tell clients from elsewhere.
  let proxy: ProxyStatus?

  /// What a server says.
  init(asking client: AdminClient) async throws {
    server = try await client.status()
    proxy = try await client.proxyStatus()
  }

  /// The status for people, one fact a line.
  var text: String { ([server.text] + (proxy.map { [$0.text] } ?? [])).joined(separator: "\n") }
}

extension ServerStatus {
  /// The status for people, one fact a line.
  var text: String {
    var lines = [("ready", (ready ? "yes" : "no") + (reason.map { ": \($0)" } ?? ""))]
    if let generation { lines.append(("generation", generation)) }
    lines.append(("pods", "\(pods) addresses"))
    for resource in resources { lines.append(("resource", resource.text)) }
    let lost = resources.compactMap { resource in resource.lost.map { (resource.resource, $0) } }
    if !lost.isEmpty { lines.append(("lost", "\(GroupedCauses(lost, of: resources.count))")) }
    for object in held { lines.append(("held back", "\(object.object): \(object.reason)")) }
    if let failure { lines.append(("not served", failure)) }
    if let leader { lines.append(("leader", leader ? "yes" : "no")) }
    return lines.map { key, value in
      key + String(repeating: " ", count: max(1, 14 - key.count)) + value
    }.joined(separator: "\n")
  }
}

extension ServerStatus.Resource {
  /// How the resource is, in a line.
  fileprivate var text: String {
    let age = age.map { ", heard \(Int($0)) s ago" } ?? ", never heard"
    return "\(resource): \(count)" + (synchronized ? "" : ", not complete") + age
  }
}
