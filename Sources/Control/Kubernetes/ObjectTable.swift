import KubernetesAPI

/// The objects of one resource as they were told, by a key.
///
/// While they are told anew, what was known before stays; what is not told again goes at the end of that.
struct ObjectTable<Key: Hashable & Sendable, Object: Equatable & Sendable>: Sendable {
  private struct Entry {
    var object: Object
    var list: UInt32
  }

  private var entries: [Key: Entry] = [:]
  /// Counts the lists, so that it is seen what the last one did not have.
  private var list: UInt32 = 0
  private let key: @Sendable (Object) -> Key

  /// An empty table.
  init(key: @escaping @Sendable (Object) -> Key) {
    self.key = key
  }

  /// How many objects there are.
  var count: Int { entries.count }
  /// The objects, in no order.
  var objects: some Sequence<Object> { entries.values.lazy.map(\.object) }

  /// Takes what was told; says the keys of the objects that are others than before.
  mutating func apply(_ changes: [Change<Object>]) -> Set<Key> {
    var changed: Set<Key> = []
    for change in changes {
      switch change {
      case .relisting: list &+= 1
      case .applied(let object):
        let key = key(object)
        if entries.updateValue(Entry(object: object, list: list), forKey: key)?.object != object {
          changed.insert(key)
        }
      case .deleted(let object):
        let key = key(object)
        if entries.removeValue(forKey: key) != nil { changed.insert(key) }
      case .synchronized:
        let gone = entries.filter { $0.value.list != list }.keys
        for key in gone { entries[key] = nil }
        changed.formUnion(gone)
      case .heard, .lost: break
      }
    }
    return changed
  }
}
