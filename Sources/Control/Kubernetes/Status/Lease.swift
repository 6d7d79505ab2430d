import Foundation

/// A Lease (`coordination.k8s.io/v1`): whole, so that what is not understood is kept when it is replaced.
struct Lease {
  /// What the Lease says about its holder.
  struct Record: Equatable {
    /// Who holds it; empty if nobody does.
    var holder: String
    /// How long others must see no renewal before they may take it, in seconds.
    var duration: Int
    /// When the holder took it.
    var acquired: String
    /// When the holder renewed it last, by the holder's clock: told to people, never compared.
    var renewed: String
    /// How often the holder changed.
    var transitions: Int
  }

  /// The path of the Leases of a namespace.
  static func path(namespace: String) -> String { "/apis/coordination.k8s.io/v1/namespaces/\(namespace)/leases" }

  /// What it says about its holder.
  let record: Record
  private let object: [String: Any]

  /// The Lease of a body; nil if it is none.
  init?(_ body: [UInt8]) {
    guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
      object["metadata"] is [String: Any]
    else { return nil }
    let spec = object["spec"] as? [String: Any] ?? [:]
    self.object = object
    record = Record(
      holder: spec["holderIdentity"] as? String ?? "", duration: spec["leaseDurationSeconds"] as? Int ?? 0,
      acquired: spec["acquireTime"] as? String ?? "", renewed: spec["renewTime"] as? String ?? "",
      transitions: spec["leaseTransitions"] as? Int ?? 0)
  }

  /// The body that makes a Lease.
  static func body(making name: String, namespace: String, _ record: Record) -> [UInt8]? {
    body(
      of: [
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": name, "namespace": namespace],
      ], record)
  }

  /// The body that replaces this version of the Lease, and no other: it names its `resourceVersion`.
  func body(replacedBy record: Record) -> [UInt8]? { Self.body(of: object, record) }

  private static func body(of object: [String: Any], _ record: Record) -> [UInt8]? {
    var object = object
    var spec = object["spec"] as? [String: Any] ?? [:]
    spec["holderIdentity"] = record.holder
    spec["leaseDurationSeconds"] = record.duration
    spec["acquireTime"] = record.acquired
    spec["renewTime"] = record.renewed
    spec["leaseTransitions"] = record.transitions
    object["spec"] = spec
    return (try? JSONSerialization.data(withJSONObject: object)).map { [UInt8]($0) }
  }
}
