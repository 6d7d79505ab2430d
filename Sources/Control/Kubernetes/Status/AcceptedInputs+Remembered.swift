import KubernetesAPI
import SteeringPolicy

extension AcceptedInputs {
  /// What other replicas serve, as the objects' own status tells it: for a start beside them, or after them.
  ///
  /// A replica that knew nothing would decide anew between objects that are at odds, by their age, and answer otherwise than
  /// those that know which one changed. `kept` is what this server accepted before its start; it counts where it is newer,
  /// or the status says nothing. Nil if nothing is known at all, as when the objects are all new.
  init?(
    rememberedBy objects: [CustomObject], files: [PolicyFile], inventory: ClusterInventory?, kept: AcceptedInputs?
  ) {
    let keptObjects = Dictionary((kept?.objects ?? []).map { ($0.key, $0) }) { first, _ in first }
    var accepted: [CustomObject] = []
    var unknown: Set<CustomObject.Key> = []
    var isNew = kept == nil
    for object in objects {
      let status = StoredObject(object.json)?.status
      if status?.tellsOfServing == true, object.key.kind != "EgressTest" { isNew = false }
      let kept = keptObjects[object.key].flatMap { $0.uid == object.uid ? $0 : nil }
      switch (status?.memory(of: object) ?? PublishedStatus.memory(ofUntold: object), kept) {
      case (.version(let version), let kept?): accepted.append(kept.generation > version.generation ? kept : version)
      case (.version(let version), nil): accepted.append(version)
      case (_, let kept?): accepted.append(kept)
      case (.lost, nil): unknown.insert(object.key)
      case (.none, nil): break
      }
    }
    if isNew { return nil }
    self.init(files: kept?.files ?? files, objects: accepted, inventory: inventory)
    filesAreKnown = kept != nil
    self.unknown = unknown
  }
}

extension PublishedStatus {
  /// What a status tells of the version of its object that serves.
  fileprivate enum Memory {
    /// It is this one.
    case version(CustomObject)
    /// None of it serves.
    case none
    /// One may that is not known any more.
    case lost
  }

  /// Whether it was written by a server that serves.
  fileprivate var tellsOfServing: Bool {
    condition(.accepted) != nil && condition(.programmed)?.reason != Condition.notServing
  }

  /// What is known of an object that says nothing: it is new, or it has changed before anybody could tell.
  fileprivate static func memory(ofUntold object: CustomObject) -> Memory { object.generation > 1 ? .lost : .none }

  fileprivate func memory(of object: CustomObject) -> Memory {
    guard let condition = condition(.accepted), let observed = condition.observedGeneration else {
      return Self.memory(ofUntold: object)
    }
    // Of a version between the two nobody told what became of it.
    guard observed <= object.generation, object.generation - observed <= 1 else { return .lost }
    if let lastAccepted, let version = object.version(lastAccepted.generation, spec: lastAccepted.spec) {
      if version.spec == object.spec { return .version(object) }
      return .version(version.isOlder(than: object) ? version : version.ofAnother)
    }
    let isHere = observed == object.generation
    switch (condition.status, self.condition(.programmed)?.reason) {
    case (.yes, _) where isHere && self.condition(.programmed)?.status != .no: return .version(object)
    // What served was another version, or it was too large to be told, or nobody knew it.
    case (.yes, _), (_, Condition.heldBack), (_, Condition.notServing): return .lost
    default: return .none
    }
  }
}

extension CustomObject {
  fileprivate func isOlder(than other: CustomObject) -> Bool { generation < other.generation }

  /// The same version as one of another object of its name: that was deleted, and this one has counted anew.
  fileprivate var ofAnother: CustomObject {
    var other = self
    other.uid = ""
    return other
  }
}
