/// What very many objects have in common, so that a cluster of them fits into memory and is made quickly.
///
/// What tells them apart stands in a sample as placeholders, and is replaced in its octets by texts of the same length:
/// so no length around it changes, in JSON or in protobuf.
public final class ObjectTemplate: Sendable {
  /// A revision of ten digits, which a sample has until it is filled.
  private static let revisionPlaceholder = 1_000_000_000

  private let json: Filling
  private let protobuf: Filling

  /// A template of a sample and the placeholders in it, which stand nowhere else.
  public init(_ sample: JSON, of resource: APIResource, placeholders: [String]) {
    let all = placeholders + [String(Self.revisionPlaceholder)]
    json = Filling(sample.compactJSON(revision: Self.revisionPlaceholder), all)
    protobuf = Filling(sample.protobuf(revision: Self.revisionPlaceholder, of: resource), all)
  }

  /// How many octets an object has, as JSON and as protobuf.
  public var sizes: (json: Int, protobuf: Int) { (json.octets.count, protobuf.octets.count) }

  fileprivate func json(_ values: [String], revision: Int) -> [UInt8] { json.filled(values + [String(revision)]) }
  fileprivate func protobuf(_ values: [String], revision: Int) -> [UInt8] {
    protobuf.filled(values + [String(revision)])
  }

  /// Octets and where the placeholders are in them.
  private struct Filling {
    let octets: [UInt8]
    let places: [(offsets: [Int], length: Int)]

    init(_ octets: [UInt8], _ placeholders: [String]) {
      self.octets = octets
      places = placeholders.map { placeholder in
        (octets.ranges(of: Array(placeholder.utf8)).map(\.lowerBound), placeholder.utf8.count)
      }
      let ranges = places.flatMap { place in place.offsets.map { $0..<$0 + place.length } }
        .sorted { $0.lowerBound < $1.lowerBound }
      precondition(zip(ranges, ranges.dropFirst()).allSatisfy { !$0.overlaps($1) }, "a placeholder stands in another")
    }

    func filled(_ values: [String]) -> [UInt8] {
      var result = octets
      for (value, place) in zip(values, places) {
        precondition(value.utf8.count == place.length, "\(value) is not as long as its placeholder")
        for offset in place.offsets { result.replaceSubrange(offset..<offset + place.length, with: value.utf8) }
      }
      return result
    }
  }
}

/// An object of a template.
struct FilledObject: ObjectForm {
  let template: ObjectTemplate
  let values: [String]

  func json(revision: Int) -> JSON { (try? JSON(octets: compactJSON(revision: revision))) ?? .null }
  func compactJSON(revision: Int) -> [UInt8] { template.json(values, revision: revision) }
  func protobuf(revision: Int, of resource: APIResource) -> [UInt8] { template.protobuf(values, revision: revision) }
}

extension TestAPIServer {
  /// Makes an object of a template, or makes it another; the server must count revisions from ten digits.
  public func apply(
    _ template: ObjectTemplate, _ values: [String], of resource: APIResource, namespace: String, name: String
  ) {
    responder.store.put(resource, namespace: namespace, name: name) { _ in
      FilledObject(template: template, values: values)
    }
  }
}
