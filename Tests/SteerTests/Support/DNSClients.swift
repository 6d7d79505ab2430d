import DNSWire
import Testing

/// The DNS clients that people use.
enum DNSClient: String, CaseIterable {
  case dig, kdig, drill

  /// Asks `server` from `source`, with options of the client's own; one attempt only.
  func ask(
    _ server: Endpoint, from source: String? = nil, overTCP: Bool = false, _ question: String...
  ) async throws -> Finished {
    let place = ["@\(server.address)", "-p", "\(server.port)"]
    let arguments: [String]
    switch self {
    case .dig:
      arguments = (source.map { ["-b", $0] } ?? []) + (overTCP ? ["+tcp"] : []) + ["+tries=1", "+time=20"]
    case .kdig:
      arguments = (source.map { ["-b", $0] } ?? []) + (overTCP ? ["+tcp"] : []) + ["+retry=0", "+timeout=20"]
    case .drill: arguments = (source.map { ["-I", $0] } ?? []) + (overTCP ? ["-t"] : [])
    }
    let answer = try await run([rawValue] + place + arguments + question)
    try #require(answer.status != 127, "\(rawValue) is missing; deploy/test.sh installs it")
    #expect(answer.status == 0, "\(answer.output)\(answer.errors)")
    return answer
  }
}
