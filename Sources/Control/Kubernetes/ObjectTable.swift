import KubernetesAPI

/// What is kept of the objects of one resource as they are told, by a key.
///
/// While they are told anew, what was known before stays; what is not told again goes at the end of that.
struct ObjectTable<Key: Hashable & Sendable, Value: Equatable & Sendable>: Sendable {
  private struct Entry {
    var value: Value
    var uid: String
    var list: UInt32
  }

  private var entries: [Key: Entry] = [:]
  /// Counts the lists, so that it is seen what the last one did not have.
  private var list: UInt32 = 0
  /// Whether the objects were told completely since the start.
  private(set) var isSynchronized = false

  /// How many objects there are.
  var count: Int { entries.count }
  /// What is kept of the objects, by their keys.
  var values: some Sequence<(key: Key, value: Value)> { entries.lazy.map { (key: $0.key, value: $0.value.value) } }

  /// What is kept of an object.
  subscript(key: Key) -> Value? { entries[key]?.value }

  /// Takes what was told of objects, of each a key, its identity and what is kept of it; says whether anything that
  /// `counts` is another.
  mutating func apply<Object>(
    _ changes: [Change<Object>], counting counts: (Value) -> Bool = { _ in true },
    _ parts: (Object) -> (key: Key, uid: String, value: Value)
  ) -> Bool {
    var isChanged = false
    for change in changes {
      switch change {
      case .relisting: list &+= 1
      case .applied(let object):
        let (key, uid, value) = parts(object)
        let before = entries.updateValue(Entry(value: value, uid: uid, list: list), forKey: key)
        if let before, before.value == value { continue }
        if counts(value) || before.map({ counts($0.value) }) ?? false { isChanged = true }
      case .deleted(let object):
        let (key, uid, _) = parts(object)
        // One of the same name that was made since is another.
        guard let before = entries[key], before.uid == uid else { continue }
        entries[key] = nil
        if counts(before.value) { isChanged = true }
      case .synchronized:
        if !isSynchronized || entries.values.contains(where: { $0.list != list && counts($0.value) }) {
          isChanged = true
        }
        entries = entries.filter { $0.value.list == list }
        isSynchronized = true
      case .heard, .lost: break
      }
    }
    return isChanged
  }
}
