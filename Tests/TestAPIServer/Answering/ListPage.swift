/// A page of a list.
struct ListPage {
  private let list: ListSnapshot
  private let objects: ArraySlice<StoredObject>

  /// The page of at most `limit` objects after a key; 0 is all.
  init(_ list: ListSnapshot, after start: String?, limit: Int) {
    self.list = list
    let rest = start.map { start in list.objects[list.objects.partitioningIndex { $0.key > start }...] }
    let objects = rest ?? list.objects[...]
    self.objects = limit > 0 ? objects.prefix(limit) : objects
  }

  private var remaining: Int { list.objects.endIndex - objects.endIndex }

  private var continuation: String? {
    guard remaining > 0, let last = objects.last else { return nil }
    return ContinueToken(revision: list.revision, start: last.key).text
  }

  /// The list as JSON; its items do not say what they are, as the API server's do not.
  var json: JSON {
    var metadata: JSON = ["resourceVersion": .string(String(list.revision))]
    if let continuation {
      metadata["continue"] = .string(continuation)
      metadata["remainingItemCount"] = .number(String(remaining))
    }
    let items = objects.map { object in
      var json = object.json
      if !list.resource.isCustom {
        json["kind"] = nil
        json["apiVersion"] = nil
      }
      return json
    }
    let result: JSON = [
      "kind": .string(list.resource.kind + "List"), "apiVersion": .string(list.resource.apiVersion),
      "metadata": metadata, "items": .array(items),
    ]
    return list.resource.isCustom ? result.sorted : result
  }

  /// The list as protobuf.
  var protobuf: [UInt8] {
    var metadata = ProtobufWriter()
    metadata.write(1, string: "")
    metadata.write(2, string: String(list.revision))
    metadata.write(3, string: continuation ?? "")
    if continuation != nil { metadata.write(4, integer: remaining) }
    var content = ProtobufWriter()
    content.write(1, octets: metadata.octets)
    for object in objects {
      content.write(2, octets: object.form.protobuf(revision: object.revision, of: list.resource))
    }
    return ProtobufEnvelope.wrap(
      content.octets, apiVersion: list.resource.apiVersion, kind: list.resource.kind + "List")
  }
}
