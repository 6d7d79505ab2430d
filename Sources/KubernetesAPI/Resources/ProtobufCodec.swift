import SwiftProtobuf

/// An object's message: whose metadata is what, and what is read of it.
protocol WireObject: Message {
  associatedtype Object: Sendable
  associatedtype Metadata: WireMetadata

  var metadata: Metadata { get }
  var object: Object { get }
}

/// An object's metadata, as far as every kind has it.
protocol WireMetadata {
  var name: String { get }
  var namespace: String { get }
  var resourceVersion: String { get }
}

/// A list's message.
protocol WireList: Message {
  associatedtype Item: WireObject

  var metadata: WireListMeta { get }
  var items: [Item] { get }
}

extension WireObjectMeta: WireMetadata {}
extension WireLabeledMeta: WireMetadata {}

/// `application/vnd.kubernetes.protobuf`.
struct ProtobufCodec<List: WireList>: ObjectCodec {
  typealias Object = List.Item.Object

  var framing: Framing { .lengthPrefix }

  func page(_ octets: [UInt8]) throws -> Page<Object> {
    let list: List = try ProtobufEnvelope.decode(octets)
    return Page(
      objects: list.items.map(told), version: list.metadata.resourceVersion,
      continuation: list.metadata.continue.isEmpty ? nil : list.metadata.continue)
  }

  func event(_ frame: [UInt8]) throws -> WatchEvent<Object> {
    let event: WireWatchEvent = try ProtobufEnvelope.decode(message: frame)
    let octets = event.object.raw
    switch event.type {
    case "ADDED", "MODIFIED": return .applied(told(try ProtobufEnvelope.decode(octets)))
    case "DELETED": return .deleted(told(try ProtobufEnvelope.decode(octets)))
    case "BOOKMARK":
      let bookmark: WireBookmark = try ProtobufEnvelope.decode(octets)
      return .bookmark(
        version: bookmark.metadata.resourceVersion,
        endsInitialEvents: bookmark.metadata.annotations[WatchEvent<Object>.initialEventsEnd] == "true")
    case "ERROR":
      let status: WireStatus = try ProtobufEnvelope.decode(octets)
      return .failed(Refusal(status))
    default: throw DecodingFault(description: "an event of the unknown type '\(event.type.prefix(32))'")
    }
  }

  private func told(_ item: List.Item) -> Told<Object> {
    Told(
      name: "\(item.metadata.namespace)/\(item.metadata.name)", version: item.metadata.resourceVersion,
      object: item.object)
  }
}

/// What is around every message: four octets, and an `Unknown` with the kind.
enum ProtobufEnvelope {
  private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

  /// Messages have no fields that nobody reads, and none within themselves.
  private static var options: BinaryDecodingOptions {
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = 16
    options.discardUnknownFields = true
    return options
  }

  static func decode<Content: Message>(_ octets: some Collection<UInt8> & SwiftProtobufContiguousBytes) throws
    -> Content
  {
    guard octets.starts(with: magic) else { throw DecodingFault(description: "octets without Kubernetes' envelope") }
    let envelope: WireUnknown = try decode(message: Array(octets.dropFirst(magic.count)))
    return try decode(message: envelope.raw)
  }

  static func decode<Content: Message>(message octets: some SwiftProtobufContiguousBytes) throws -> Content {
    try Content(serializedBytes: octets, partial: true, options: options)
  }
}
