/// An object as the store has it.
struct StoredObject: Sendable {
  /// Its namespace; empty if it is in none.
  let namespace: String
  /// Its name.
  let name: String
  /// The revision of the store at which it became so.
  let revision: Int
  /// What it is.
  let form: any ObjectForm

  /// By what an object is found and sorted, as in etcd.
  static func key(namespace: String, name: String) -> String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

  /// By what this one is.
  var key: String { Self.key(namespace: namespace, name: name) }
  /// The whole object, with `resourceVersion`.
  var json: JSON { form.json(revision: revision) }
}

/// How an object is kept: as JSON, or, where there are very many, as what tells it from others of a template.
protocol ObjectForm: Sendable {
  /// The object at a revision.
  func json(revision: Int) -> JSON
  /// The text of that.
  func compactJSON(revision: Int) -> [UInt8]
  /// The object as protobuf, without an envelope.
  func protobuf(revision: Int, of resource: APIResource) -> [UInt8]
}

extension JSON: ObjectForm {
  func json(revision: Int) -> JSON {
    var object = self
    var metadata = object["metadata"] ?? [:]
    metadata["resourceVersion"] = .string(String(revision))
    object["metadata"] = metadata
    return object
  }

  func compactJSON(revision: Int) -> [UInt8] { json(revision: revision).compact }

  func protobuf(revision: Int, of resource: APIResource) -> [UInt8] {
    ProtobufMessage.of(resource).encode(json(revision: revision))
  }
}
