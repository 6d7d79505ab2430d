import Foundation

/// An object's JSON: what is read of it.
protocol JSONObject: Decodable {
  associatedtype Object: Sendable

  var metadata: JSONMetadata { get }
  var object: Object { get }
}

/// An object's metadata, as far as any kind's is read.
struct JSONMetadata: Decodable {
  var name: String?
  var namespace: String?
  var uid: String?
  var resourceVersion: String?
  var generation: Int64?
  var creationTimestamp: Date?
  var labels: [String: String]?
  var annotations: [String: String]?

  /// When the object was made, in seconds since 1970.
  var created: Int64 { JSON.seconds(creationTimestamp) }
}

/// A list's metadata.
struct JSONListMetadata: Decodable {
  var resourceVersion: String?
  var `continue`: String?
}

/// `application/json`.
struct JSONCodec<Item: JSONObject>: ObjectCodec {
  typealias Object = Item.Object

  private struct List: Decodable {
    var metadata: JSONListMetadata
    var items: [Item]?
  }

  var framing: Framing { .line }

  func page(_ octets: [UInt8]) throws -> Page<Object> {
    let list = try JSON.decode(List.self, octets)
    return Page(objects: (list.items ?? []).map(told), list.metadata)
  }

  func event(_ frame: [UInt8]) throws -> WatchEvent<Object> {
    try JSON.event(frame) { told(try JSON.decode(Item.self, $0)) }
  }

  private func told(_ item: Item) -> Told<Object> { Told(item.metadata, item.object) }
}

/// What JSON of every resource has in common.
enum JSON {
  private struct Bookmark: Decodable {
    var metadata: JSONMetadata
  }

  /// A time in seconds since 1970; 0 without one.
  static func seconds(_ time: Date?) -> Int64 {
    Int64(exactly: (time?.timeIntervalSince1970 ?? 0).rounded(.down)) ?? 0
  }

  static func decode<Content: Decodable>(_ type: Content.Type, _ octets: some Collection<UInt8>) throws -> Content {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    do {
      return try decoder.decode(type, from: Data(octets))
    } catch {
      throw DecodingFault(description: "JSON that is not as expected: \(error)")
    }
  }

  /// The event in a line of a watch; `told` reads its object.
  static func event<Object>(
    _ line: [UInt8], _ told: (ArraySlice<UInt8>) throws -> Told<Object>
  ) throws -> WatchEvent<Object> {
    let members = try JSONSpans.members(of: line, in: line.startIndex..<line.endIndex)
    guard let type = members["type"], let object = members["object"] else {
      throw DecodingFault(description: "an event without type or object")
    }
    let octets = line[object]
    switch String(decoding: line[type], as: UTF8.self) {
    case "\"ADDED\"", "\"MODIFIED\"": return .applied(try told(octets))
    case "\"DELETED\"": return .deleted(try told(octets))
    case "\"BOOKMARK\"":
      let metadata = try decode(Bookmark.self, octets).metadata
      return .bookmark(
        version: metadata.resourceVersion ?? "",
        endsInitialEvents: metadata.annotations?[WatchEvent<Object>.initialEventsEnd] == "true")
    case "\"ERROR\"": return .failed(Refusal(try decode(Refusal.Status.self, octets)))
    case let type: throw DecodingFault(description: "an event of the unknown type \(type.prefix(32))")
    }
  }
}

extension Told {
  /// An object with the name and the version of its metadata.
  init(_ metadata: JSONMetadata, _ object: Object) {
    self.init(
      name: "\(metadata.namespace ?? "")/\(metadata.name ?? "")", version: metadata.resourceVersion ?? "",
      object: object)
  }
}

extension Page {
  /// A page of a list with this metadata.
  init(objects: [Told<Object>], _ metadata: JSONListMetadata) {
    let continuation = metadata.continue ?? ""
    self.init(
      objects: objects, version: metadata.resourceVersion ?? "",
      continuation: continuation.isEmpty ? nil : continuation)
  }
}
