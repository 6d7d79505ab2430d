import KubernetesAPI
import SteeringPolicy

extension AcceptedInputs {
  /// What other replicas serve, as the objects' own status tells it: for a start beside them, or after them.
  ///
  /// A replica that knew nothing would decide anew between objects that are at odds, by their age, and answer otherwise than
  /// those that know which one changed. `kept` counts where an object's status says nothing of its version; it is what this
  /// server accepted before its start. Nil if nothing is known at all, as when the objects are all new.
  init?(
    rememberedBy objects: [CustomObject], files: [PolicyFile], inventory: ClusterInventory?, kept: AcceptedInputs?
  ) {
    let keptObjects = Dictionary((kept?.objects ?? []).map { ($0.key, $0) }) { first, _ in first }
    var accepted: [CustomObject] = []
    var unknown: Set<CustomObject.Key> = []
    var isNew = kept == nil
    for object in objects {
      let status = StoredObject(object.json)?.status
      let memory = status?.memory(of: object) ?? .nothing
      if status?.condition(.accepted) != nil { isNew = false }
      switch (memory, keptObjects[object.key]) {
      case (.version(let version), _): accepted.append(version)
      case (.none, _): break
      case (_, let version?) where version.uid == object.uid: accepted.append(version)
      case (.lost, _): unknown.insert(object.key)
      case (.nothing, _): break
      }
    }
    if isNew { return nil }
    self.init(files: files, objects: accepted, inventory: inventory)
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
    /// One does that is not known any more.
    case lost
    /// It says nothing.
    case nothing
  }

  fileprivate func memory(of object: CustomObject) -> Memory {
    if let lastAccepted, let version = object.version(lastAccepted.generation, spec: lastAccepted.spec) {
      return .version(version)
    }
    guard let condition = condition(.accepted) else { return .nothing }
    switch (condition.status, condition.observedGeneration == object.generation) {
    case (.yes, true): return .version(object)
    // What serves is the version that this is about, and it is another by now.
    case (.yes, false): return .lost
    // It was held back, and too large to be told.
    case (_, _) where self.condition(.programmed)?.reason == Condition.heldBack: return .lost
    // Nothing of it served, and nothing of another version does until that is looked at.
    case (_, true): return .none
    case (_, false): return .nothing
    }
  }
}
