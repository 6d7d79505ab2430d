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
    var untold: Set<CustomObject.Key> = []
    var isNew = kept == nil
    for object in objects {
      let status = StoredObject(object.json)?.status
      if status?.tellsOfServing == true, object.key.kind != "EgressTest" { isNew = false }
      let namesake = keptObjects[object.key]
      let kept = namesake?.uid == object.uid ? namesake : nil
      switch (status?.memory(of: object) ?? PublishedStatus.memory(ofUntold: object), kept) {
      case (.version(let version), let kept?): accepted.append(kept.generation > version.generation ? kept : version)
      case (.version(let version), nil): accepted.append(version)
      case (.lost(let generation), let kept?) where kept.generation >= generation: accepted.append(kept)
      case (.lost, _): unknown.insert(object.key)
      case (.none, let kept?), (.untold, let kept?): accepted.append(kept)
      // It was made anew, and what it replaced may serve on in its name.
      case (.untold, nil) where namesake != nil: unknown.insert(object.key)
      case (.untold, nil): untold.insert(object.key)
      case (.none, nil): break
      }
    }
    if isNew { return nil }
    self.init(files: kept?.files ?? files, objects: accepted, inventory: inventory)
    filesAreKnown = kept != nil
    (self.unknown, self.untold) = (unknown, untold)
  }
}

extension PublishedStatus {
  /// What a status tells of the version of its object that serves.
  fileprivate enum Memory {
    /// It is this one.
    case version(CustomObject)
    /// None of it serves.
    case none
    /// It says nothing: it is new.
    case untold
    /// One may that is not known any more; of this generation or a later one.
    case lost(Int64)
  }

  /// Whether it was written by a server that serves.
  fileprivate var tellsOfServing: Bool {
    condition(.accepted) != nil && condition(.programmed)?.reason != Condition.notServing
  }

  /// What is known of an object that says nothing: it is new, or it has changed before anybody could tell.
  fileprivate static func memory(ofUntold object: CustomObject) -> Memory {
    object.generation > 1 ? .lost(0) : .untold
  }

  fileprivate func memory(of object: CustomObject) -> Memory {
    guard let condition = condition(.accepted), let observed = condition.observedGeneration else {
      return Self.memory(ofUntold: object)
    }
    let programmed = self.condition(.programmed)
    if condition.status == .yes {
      let serves = programmed?.status != .no
      return serves && observed == object.generation ? .version(object) : .lost(serves ? observed : 0)
    }
    let known = lastAccepted?.generation ?? 0
    // Of a version in between nobody told what became of it; nor whether a policy that was refused took effect meanwhile.
    let lag = object.generation - observed
    guard lag == 0 || lag == 1 && object.key.kind != "EgressPolicy" else { return .lost(known) }
    if let spec = lastAccepted?.spec, let version = object.version(known, spec: spec) {
      if spec == object.spec { return .version(object) }
      return .version(version.generation < object.generation ? version : version.ofAnother)
    }
    // It was too large to be told, or nobody knew it.
    let isLost = [Condition.heldBack, Condition.notServing].contains(programmed?.reason)
    return isLost ? .lost(known) : .none
  }
}

extension CustomObject {
  /// The same version as one of another object of its name: that was deleted, and this one has counted anew.
  fileprivate var ofAnother: CustomObject {
    var other = self
    other.uid = ""
    return other
  }
}
