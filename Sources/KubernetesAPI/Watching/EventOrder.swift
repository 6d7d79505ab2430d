/// Sees which events are older than what is known of their object already.
///
/// An API server sends each object's events in order; what is between may repeat or reorder them. Versions are compared as
/// numbers, as Kubernetes allows for one resource since 1.35 (KEP-5504); those that are none are never older.
struct EventOrder {
  /// Names that are remembered: more than could be on their way at a time.
  private static let capacity = 1024

  /// Everything until this version was told, by a list or by initial events.
  private var told: UInt64 = 0
  private var versions: [String: UInt64] = [:]
  /// The names in `versions`; the oldest one is replaced.
  private var names: [String] = []
  private var oldest = 0
  /// The version to resume from.
  private(set) var latest: String

  /// The order after a complete list of `version`; empty is none yet.
  init(after version: String = "") {
    latest = version
    told = UInt64(version) ?? 0
  }

  /// Takes note of an event; false if it is older than what was told of its object.
  mutating func accepts(name: String, version: String) -> Bool {
    guard let number = UInt64(version) else {
      latest = version
      return true
    }
    guard number > told else { return false }
    if let known = versions[name] {
      guard number >= known else { return false }
      versions[name] = number
    } else {
      remember(name, number)
    }
    advance(to: version)
    return true
  }

  /// Everything until `version` is told; never goes back.
  mutating func advance(to version: String) {
    guard !version.isEmpty else { return }
    if let new = UInt64(version), let old = UInt64(latest), new < old { return }
    latest = version
  }

  private mutating func remember(_ name: String, _ version: UInt64) {
    versions[name] = version
    if names.count < Self.capacity {
      names.append(name)
    } else {
      versions[names[oldest]] = nil
      names[oldest] = name
      oldest = (oldest + 1) % Self.capacity
    }
  }
}
