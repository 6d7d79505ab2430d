import Foundation
import TestAPIServer
import Testing

extension TestAPIServer {
  /// Calls `body` with a server of its own, which is stopped afterwards.
  static func with<Result>(
    speaksHTTP2: Bool = true, _ body: (TestAPIServer, PlainClient) async throws -> Result
  ) async throws -> Result {
    let server = try await start(speaksHTTP2: speaksHTTP2)
    do {
      let result = try await body(server, PlainClient(port: server.port, speaksHTTP2: speaksHTTP2))
      await server.stop()
      return result
    } catch {
      await server.stop()
      throw error
    }
  }
}

/// What a real API server of Kubernetes 1.36 once answered.
struct RecordedFile: CustomTestStringConvertible, Sendable {
  static let all: [RecordedFile] = {
    guard let folder = Bundle.module.resourceURL?.appending(path: "Fixtures/kubernetes-1.36") else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map(RecordedFile.init)
  }()

  let name: String

  init(_ name: String) { self.name = name }

  var testDescription: String { name }

  var octets: [UInt8] {
    get throws {
      let folder = try #require(Bundle.module.resourceURL)
      return Array(try Data(contentsOf: folder.appending(path: "Fixtures/kubernetes-1.36/\(name)")))
    }
  }

  var answer: RecordedAnswer {
    get throws {
      let type = name.hasSuffix(".bin") ? "application/vnd.kubernetes.protobuf" : "application/json"
      return try RecordedAnswer(recording: try octets, contentType: type)
    }
  }

  /// The body as JSON, or, of a watch, its events.
  var json: JSON { get throws { try JSON(octets: try answer.body) } }
  var events: [JSON] {
    get throws { try ReceivedAnswer(body: try answer.body).events }
  }
}

extension JSON {
  /// The value without what is another on every server: revisions, times and who manages which field.
  var withoutCircumstance: JSON {
    switch self {
    case .object(let members):
      .object(
        members.filter { $0.name != "managedFields" }.map { member in
          let changes = ["resourceVersion", "creationTimestamp", "uid", "continue"].contains(member.name)
          return Member(member.name, changes && member.value.text != nil ? "…" : member.value.withoutCircumstance)
        })
    case .array(let elements): .array(elements.map(\.withoutCircumstance))
    default: self
    }
  }
}
