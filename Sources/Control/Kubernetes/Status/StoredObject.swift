import Foundation
import KubernetesAPI

/// A custom object at the API server, as far as the writer reads it.
struct StoredObject: Decodable {
  private enum Field: CodingKey { case metadata, status }

  private struct Metadata: Decodable {
    var uid: String
    var generation: Int64?
  }

  /// Which object of its name it is.
  let uid: String
  /// Which version of its spec it has.
  let generation: Int64
  /// Its status; nil if it has none, or one that is not as Steer writes it.
  let status: PublishedStatus?

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    let metadata = try fields.decode(Metadata.self, forKey: .metadata)
    (uid, generation) = (metadata.uid, metadata.generation ?? 0)
    status = try? fields.decode(PublishedStatus.self, forKey: .status)
  }

  /// The object of a text in JSON; nil if it is none.
  init?(_ json: String) { self.init(Data(json.utf8)) }

  /// The object of a body in JSON; nil if it is none.
  init?(_ json: Data) {
    guard let object = try? JSONDecoder().decode(Self.self, from: json) else { return nil }
    self = object
  }
}

/// What is applied to an object's status: nothing of other fields, and to no other object of its name.
struct StatusApplication: Encodable {
  struct Metadata: Encodable {
    var name: String
    var uid: String
  }

  let apiVersion = CustomObject.Key.apiVersion
  let kind: String
  let metadata: Metadata
  let status: PublishedStatus

  /// The request; `path` is the object's.
  static func request(
    _ path: String, _ key: CustomObject.Key, uid: String, status: PublishedStatus
  ) -> APIRequest {
    let application = StatusApplication(kind: key.kind, metadata: Metadata(name: key.name, uid: uid), status: status)
    return APIRequest(
      method: .patch, path: "\(path)/status", query: ["fieldManager": "steer", "force": "true"],
      contentType: "application/apply-patch+yaml", body: (try? JSONEncoder().encode(application)).map { [UInt8]($0) })
  }
}
