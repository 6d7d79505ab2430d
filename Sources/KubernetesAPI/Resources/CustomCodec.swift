/// `application/json` of a custom resource, whose objects are kept as they came.
struct CustomCodec: ObjectCodec {
  private struct Item: Decodable {
    var kind: String?
    var metadata: JSONMetadata
  }

  private struct List: Decodable {
    var metadata: JSONListMetadata
  }

  var framing: Framing { .line }

  func page(_ octets: [UInt8]) throws -> Page<CustomObject> {
    let list = try JSON.decode(List.self, octets)
    let members = try JSONSpans.members(of: octets, in: octets.startIndex..<octets.endIndex)
    guard let items = members["items"], octets[items].first == UInt8(ascii: "[") else {
      return Page(objects: [], list.metadata)
    }
    return Page(objects: try JSONSpans.elements(of: octets, in: items).map { try told(octets[$0]) }, list.metadata)
  }

  func event(_ frame: [UInt8]) throws -> WatchEvent<CustomObject> { try JSON.event(frame, told) }

  private func told(_ octets: ArraySlice<UInt8>) throws -> Told<CustomObject> {
    let item = try JSON.decode(Item.self, octets)
    guard let kind = item.kind, let name = item.metadata.name else {
      throw DecodingFault(description: "an object without kind or name")
    }
    let object = CustomObject(
      key: CustomObject.Key(kind: kind, name: name), uid: item.metadata.uid ?? "",
      resourceVersion: item.metadata.resourceVersion ?? "", generation: item.metadata.generation ?? 0,
      created: item.metadata.created, json: String(decoding: octets, as: UTF8.self))
    return Told(item.metadata, object)
  }
}
