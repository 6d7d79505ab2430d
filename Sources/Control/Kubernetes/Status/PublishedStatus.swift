/// The `status` of a custom object, as it is written and read.
struct PublishedStatus: Codable, Hashable {
  /// A condition, as every Kubernetes object has them (`metav1.Condition`).
  struct Condition: Codable, Hashable {
    /// The names of the conditions that Steer writes; others are others' own.
    enum Name: String, CaseIterable {
      /// Whether the object is as it must be.
      case accepted = "Accepted"
      /// Whether everything that it refers to is there.
      case resolvedRefs = "ResolvedRefs"
      /// Whether this version of it serves.
      case programmed = "Programmed"
      /// Whether a test passed.
      case passed = "Passed"
    }

    /// Why an object is not programmed of which an earlier version is.
    static let heldBack = "HeldBack"
    /// Why none is: nothing serves.
    static let notServing = "NotServing"

    /// What a condition says.
    enum Value: String, Codable {
      case yes = "True"
      case no = "False"
      case unknown = "Unknown"
    }

    /// Its name.
    var type: String
    /// What it says.
    var status: Value
    /// The version of the object's spec that it is about.
    var observedGeneration: Int64?
    /// Since when it says so.
    var lastTransitionTime: String
    /// Why, in one word.
    var reason: String
    /// Why, for people.
    var message: String
  }

  /// A finding of `steer check`.
  struct Finding: Codable, Hashable {
    /// Its code.
    var code: String
    /// `error` or `warning`.
    var severity: String
    /// The fault and its remedy.
    var message: String
    /// Where it stands.
    var at: String?
  }

  /// The generation of the server that served when the status was written.
  struct Served: Codable, Hashable {
    /// Its digest.
    var digest: String
    /// Its serial.
    var serial: UInt32
  }

  /// An earlier version of the object.
  struct Version: Codable, Hashable {
    /// Its `metadata.generation`.
    var generation: Int64
    /// Its `spec`, as JSON; nil if it is too large.
    var spec: String?
  }

  /// The version of the object's spec that all of this is about.
  var observedGeneration: Int64?
  /// The conditions.
  var conditions: [Condition]?
  /// What was found, errors first; as many as there is room for.
  var diagnostics: [Finding]?
  /// The generation that served when this was written.
  var served: Served?
  /// What a route's names are answered with.
  var addresses: [String]?
  /// The version that serves, if the object is held back: for replicas that start, and for people.
  var lastAccepted: Version?
}

extension PublishedStatus {
  /// What it says, in Steer's conditions, without since when: two with the same gist need not be written both.
  var gist: PublishedStatus {
    var gist = self
    gist.served = nil
    gist.conditions = conditions?.filter { Condition.Name(rawValue: $0.type) != nil }.sorted { $0.type < $1.type }
    for index in gist.conditions?.indices ?? 0..<0 { gist.conditions?[index].lastTransitionTime = "" }
    return gist
  }

  /// The condition of a name.
  func condition(_ name: Condition.Name) -> Condition? { conditions?.first { $0.type == name.rawValue } }

  /// The status as it is written after `before`: a condition that says what it said has its time from there.
  func written(after before: PublishedStatus?, serving generation: Served, at time: String) -> PublishedStatus {
    var written = self
    written.conditions = conditions?.map { condition in
      var condition = condition
      let former = before?.conditions?.first { $0.type == condition.type && $0.status == condition.status }
      condition.lastTransitionTime = former?.lastTransitionTime ?? time
      return condition
    }
    written.served = condition(.programmed)?.status == .yes ? generation : before?.served
    return written
  }
}
