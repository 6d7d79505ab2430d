/// Server-side apply, as far as one field manager needs it.
///
/// What a manager applied is kept in an annotation of the test server's own, where the API server has `managedFields`.
/// Lists are replaced whole, but `conditions`, which are merged by their type; managers do not conflict.
enum AppliedFields {
  /// An object with what a manager applies now and without what it applied before only.
  static func apply(_ patch: JSON, by manager: String, to object: JSON) -> JSON {
    let before = (object[path: "metadata", "annotations"]?[annotation(manager)]?.text).flatMap { try? JSON($0) }
    let cleared = before.map { remove($0, unlessIn: patch, from: object) } ?? object
    return remember(patch, by: manager, in: merge(patch, into: cleared))
  }

  /// An object that says what a manager applied.
  static func remember(_ patch: JSON, by manager: String, in object: JSON) -> JSON {
    let text = JSON.string(String(decoding: patch.compact, as: UTF8.self))
    return object.merged(with: [
      "metadata": .object([.init("annotations", .object([.init(annotation(manager), text)]))])
    ])
  }

  private static func annotation(_ manager: String) -> String { "test.steer/applied-by-\(manager)" }

  private static func merge(_ patch: JSON, into value: JSON?) -> JSON {
    switch patch {
    case .object(let changes):
      var result = JSON.object(value?.members ?? [])
      for change in changes { result[change.name] = merge(change.value, into: result[change.name]) }
      return result
    case .array(let changes) where changes.allSatisfy { $0["type"] != nil }:
      let kept = (value?.elements ?? []).filter { old in !changes.contains { $0["type"] == old["type"] } }
      return .array(kept + changes)
    default: return patch
    }
  }

  private static func remove(_ before: JSON, unlessIn patch: JSON?, from value: JSON) -> JSON {
    switch before {
    case .object(let members):
      var result = value
      for member in members {
        guard let inner = result[member.name] else { continue }
        guard patch?[member.name] == nil else {
          result[member.name] = remove(member.value, unlessIn: patch?[member.name], from: inner)
          continue
        }
        result[member.name] = nil
      }
      return result
    case .array(let old) where old.allSatisfy { $0["type"] != nil }:
      let gone = old.filter { element in !(patch?.elements ?? []).contains { $0["type"] == element["type"] } }
      return .array(value.elements.filter { element in !gone.contains { $0["type"] == element["type"] } })
    default: return value
    }
  }
}
