import DNSWire
import TestSupport

/// Clients of the servers that are compared.
struct ComparedServers: ~Copyable {
  private struct Fault: Error, CustomStringConvertible {
    var description: String
  }

  private let steer: ComparingClient
  private let nsd: ComparingClient
  private let knot: ComparingClient

  /// Clients of servers.
  init(steer: Endpoint, nsd: Endpoint, knot: Endpoint) throws {
    let toSteer = try ComparingClient(to: steer)
    let toNSD = try ComparingClient(to: nsd)
    let toKnot = try ComparingClient(to: knot)
    self.steer = toSteer
    self.nsd = toNSD
    self.knot = toKnot
  }

  /// What the servers answer, over UDP where that is not truncated, or over TCP; a failure says whose it is.
  func ask(_ query: WireQuery, overTCP: Bool = false) throws -> ReferenceAnswers {
    ReferenceAnswers(
      query: query, steer: try Self.ask("Steer", steer, query, overTCP),
      nsd: try Self.ask("NSD", nsd, query, overTCP), knot: try Self.ask("Knot", knot, query, overTCP))
  }

  private static func ask(
    _ server: String, _ client: borrowing ComparingClient, _ query: WireQuery, _ overTCP: Bool
  ) throws -> ComparedAnswer {
    do {
      return try overTCP ? client.askOverTCP(query) : client.ask(query).answer
    } catch {
      throw Fault(description: "\(GeneratedName(query.labels)) \(query.type): \(server): \(error)")
    }
  }
}
