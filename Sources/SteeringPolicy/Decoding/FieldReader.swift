import Yams

/// The fields of one mapping.
///
/// Each is asked for by name; `finish()` then reports the ones nobody asked for.
final class FieldReader {
  /// The mapping.
  let value: Value
  private let fields: [String: Value]
  private let keys: [(name: String?, mark: Mark?)]
  private var known: Set<String> = []

  /// The fields of the mapping that `value` is.
  init(_ mapping: Node.Mapping, of value: Value) {
    self.value = value
    keys = mapping.map { ($0.key.scalar?.string, $0.key.mark) }
    let prefix = value.path.isEmpty || value.path == Document.rootPath ? "" : value.path + "."
    let pairs = mapping.compactMap { key, node in
      key.scalar.map {
        ($0.string, Value(node: node, path: prefix + $0.string.prefix(80), source: value.source))
      }
    }
    fields = Dictionary(pairs) { first, _ in first }
  }

  /// A field's value; nil where it is left out or null.
  func optional(_ name: String) -> Value? {
    known.insert(name)
    guard let value = fields[name], !value.isNull else { return nil }
    return value
  }

  /// A field's value; that it is left out or null is reported at the mapping.
  func required(_ name: String) -> Value? {
    if let value = optional(name) { return value }
    value.report(.missingField, "has no '\(name)'; add it")
    return nil
  }

  /// Lets fields be there without looking at them.
  func ignore(_ names: String...) { known.formUnion(names) }

  /// Every field by name, for mappings whose keys are data.
  var all: [(name: String, value: Value)] {
    keys.compactMap { key in key.name.flatMap { name in fields[name].map { (name, $0) } } }
  }

  /// Every field as text by name, for labels; faults are reported.
  func strings() -> [String: String] {
    var strings: [String: String] = [:]
    for (name, value) in all { strings[name] = value.isNull ? "" : value.string() }
    return strings
  }

  /// Reports every field that was not asked for.
  func finish() {
    let expected = known.sorted()
    for key in keys where key.name.map({ !known.contains($0) }) ?? true {
      let name = key.name ?? "a list or mapping"
      let suggestion = NearestName.suggestion(for: name, among: expected)
      value.source.findings.report(
        .unknownField, at: value.source.location(key.mark),
        "\(value.path) has no field '\(name.prefix(80))'\(suggestion); "
          + "its fields are \(expected.joined(separator: ", "))")
    }
  }
}
