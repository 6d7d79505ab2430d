public import KubernetesAPI
import Steering
public import SteeringPolicy

/// Versions of objects that cannot be served although they have no error, each with why.
public typealias RefusedObjects = [CustomObject.Key: (object: CustomObject, diagnostic: Diagnostic)]

/// Loads a policy from a cluster, of which parts may be bad: these are held back, so that the others take effect.
///
/// A part is an object of the cluster, or all files together. Where two parts are at odds, the one that changed is at
/// fault, and of two that changed the later. What serves is so always made of parts that were each good once.
struct LivePolicyLoader {
  /// A part of the policy.
  enum Part: Hashable {
    case files
    case object(CustomObject.Key)
  }

  /// How often a part is held back and the rest is tried anew; each time, all that are at fault are.
  private static let maximumAttempts = 32

  private let inputs: PolicyInputs
  private let accepted: AcceptedInputs?
  private let serial: UInt32
  private let objects: [CustomObject.Key: CustomObject]
  private let acceptedObjects: [CustomObject.Key: CustomObject]
  /// Each object's part by its place in findings.
  private let partsByPlace: [String: Part]
  /// The order in which parts count: files, then objects by age.
  private let ranks: [Part: Int]
  private var documents: [PolicyFile: PolicyDocuments]
  /// What is held back, and why.
  private var refused: [Part: [Diagnostic]] = [:]
  private var ties = SnapshotCompiler.Ties.refused

  /// A loader of inputs, of which `accepted` is what serves; nil if nothing does yet.
  init(_ inputs: PolicyInputs, accepted: AcceptedInputs?, refused: RefusedObjects, serial: UInt32) {
    self.inputs = inputs
    self.accepted = accepted
    self.serial = serial
    let all = (inputs.objects ?? []).sorted { $0.age < $1.age }
    objects = Dictionary(all.map { ($0.key, $0) }) { first, _ in first }
    acceptedObjects = Dictionary((accepted?.objects ?? []).map { ($0.key, $0) }) { first, _ in first }
    partsByPlace = Dictionary(all.map { ($0.key.place, .object($0.key)) }) { first, _ in first }
    var ranks: [Part: Int] = [.files: -1]
    for (rank, object) in all.enumerated() { ranks[.object(object.key)] = rank }
    self.ranks = ranks
    documents = accepted?.documents ?? [:]
    for (key, refusal) in refused {
      if objects[key]?.isSameVersion(as: refusal.object) == true { self.refused[.object(key)] = [refusal.diagnostic] }
    }
  }

  /// Loads, holding back what must be.
  mutating func load() -> SnapshotLoader.Result {
    var outcome = attempt()
    for _ in 0..<Self.maximumAttempts where outcome.snapshot == nil {
      let errors = outcome.diagnostics.filter { $0.severity == .error }
      var faults: [Part: [Diagnostic]] = [:]
      for error in errors {
        if let part = culprit(of: error, in: outcome) { faults[part, default: []].append(error) }
      }
      if faults.isEmpty {
        // Nobody's change made them tie, but what they are about: it is denied, and everything else goes on.
        guard ties == .refused, errors.allSatisfy({ $0.code == .tiedPriority }) else { break }
        ties = .denied
      }
      let found = findings(of: outcome)
      for (part, errors) in faults {
        let own = found[part] ?? []
        refused[part] = own + errors.filter { !own.contains($0) }
      }
      outcome = attempt()
    }
    return result(of: outcome)
  }

  /// The part to hold back for an error; nil if there is none.
  private func culprit(of error: Diagnostic, in outcome: PolicyAssembly.Outcome) -> Part? {
    let changed = Set(([error.location] + error.related).flatMap { parts(at: $0, in: outcome) })
      .filter { refused[$0] == nil && mayBeHeldBack($0, in: outcome) }
    // Which of two policies came later is known only if one of them serves; else the tie is denied, which opens nothing.
    if error.code == .tiedPriority, changed.count > 1 || changed.contains(where: isUntold) { return nil }
    return changed.max { ranks[$0] ?? 0 < ranks[$1] ?? 0 }
  }

  private func isUntold(_ part: Part) -> Bool {
    if case .object(let key) = part { accepted?.untold.contains(key) == true } else { false }
  }

  /// The parts that make a place what it is.
  private func parts(at place: SourceLocation, in outcome: PolicyAssembly.Outcome) -> [Part] {
    if place.isObject { return partsByPlace[place.file].map { [$0] } ?? [] }
    return [.files] + (outcome.zoneFileOwners[place.file] ?? []).compactMap { partsByPlace[$0.file] }
  }

  /// Whether a part changed since it was accepted, and may go back to that or be left out.
  private func mayBeHeldBack(_ part: Part, in outcome: PolicyAssembly.Outcome) -> Bool {
    switch part {
    case .files:
      guard let accepted, accepted.filesAreKnown else { return false }
      return !inputs.unreadable.isEmpty || inputs.files != accepted.files
        || outcome.zoneFiles.contains { accepted.zoneFiles[$0.key] != $0.value }
    case .object(let key):
      guard let object = objects[key] else { return false }
      if let good = acceptedObjects[key] { return !object.isSameVersion(as: good) }
      // A denial that cannot be read must not open anything.
      guard key.kind == "EgressPolicy" else { return true }
      return accepted?.unknown.contains(key) == false
    }
  }

  /// Puts together the parts, those that are held back as they were.
  private mutating func attempt() -> PolicyAssembly.Outcome {
    let filesAreRefused = refused[.files] != nil
    let files = filesAreRefused ? accepted?.files ?? [] : inputs.files
    let all = (files + servedObjects.map(\.file)).map { file in
      let decoded = documents[file] ?? PolicyDocuments(file)
      documents[file] = decoded
      return decoded
    }
    let assembly = PolicyAssembly(
      documents: all, unreadable: filesAreRefused ? [] : inputs.unreadable, inventory: inputs.inventory,
      isLive: true, folder: inputs.folder, keptZoneFiles: filesAreRefused ? accepted?.zoneFiles ?? [:] : [:],
      serial: serial, ties: ties)
    return assembly.load()
  }

  /// The version of each object that is to serve, by age.
  private var servedObjects: [CustomObject] {
    objects.values.compactMap { refused[.object($0.key)] == nil ? $0 : acceptedObjects[$0.key] }
      .sorted { $0.age < $1.age }
  }

  /// The findings of each part.
  private func findings(of outcome: PolicyAssembly.Outcome) -> [Part: [Diagnostic]] {
    var findings: [Part: [Diagnostic]] = [:]
    for diagnostic in outcome.diagnostics {
      for part in parts(at: diagnostic.location, in: outcome) { findings[part, default: []].append(diagnostic) }
    }
    return findings
  }

  private func result(of outcome: PolicyAssembly.Outcome) -> SnapshotLoader.Result {
    let held = Set(refused.values.joined()).filter { $0.severity == .error }
    var result = SnapshotLoader.Result(
      snapshot: outcome.snapshot, policy: outcome.policy,
      diagnostics: outcome.diagnostics + held.subtracting(outcome.diagnostics),
      files: inputs.files.map(\.path) + outcome.zoneFiles.keys.sorted())
    result.diagnostics.sort { ($0.location, $0.message) < ($1.location, $1.message) }
    let served = servedObjects
    if outcome.snapshot != nil {
      let files = refused[.files] == nil ? inputs.files : accepted?.files ?? []
      var next = AcceptedInputs(files: files, objects: served, inventory: inputs.inventory)
      next.zoneFiles = outcome.zoneFiles
      let used = files + served.map(\.file)
      next.documents = Dictionary(used.compactMap { file in documents[file].map { (file, $0) } }) { first, _ in first
      }
      result.accepted = next
    }
    let findings = findings(of: outcome)
    let routes = Dictionary((outcome.policy?.routes ?? []).map { ($0.name, $0) }) { first, _ in first }
    result.statuses = objects.values.sorted { $0.key < $1.key }.map { object in
      let part = Part.object(object.key)
      var status = ObjectStatus(object, diagnostics: refused[part] ?? findings[part] ?? [])
      let served = status.isAccepted && outcome.snapshot != nil ? object : acceptedObjects[object.key]
      status.servedGeneration = served?.generation
      status.servedSpec = status.isAccepted ? nil : served?.spec
      status.servesUnknown = accepted?.unknown.contains(object.key) == true && outcome.snapshot == nil
      status.isWithoutOthers = accepted == nil && outcome.snapshot == nil
      if served != nil, object.key.kind == "EgressRoute", let route = routes[object.key.name] {
        status.addresses = Set(route.backends.filter { $0.weight > 0 }.flatMap(\.addresses)).sorted()
      }
      return status
    }
    return result
  }
}

extension CustomObject {
  /// The object as documents are read.
  var file: PolicyFile { PolicyFile(path: key.place, text: json, origin: .object) }

  /// The order in which objects count: the older first.
  var age: (Int64, String, String) { (created, key.name, key.kind) }

  /// Whether nothing of the object that is read differs.
  func isSameVersion(as other: CustomObject) -> Bool { uid == other.uid && generation == other.generation }
}

extension CustomObject.Key {
  /// What findings call the object.
  var place: String { "\(kind)/\(name)" }
}

extension ObjectStatus {
  /// The status of an object by what was found about it.
  fileprivate init(_ object: CustomObject, diagnostics: [Diagnostic]) {
    self.init(
      key: object.key, uid: object.uid, generation: object.generation, servedGeneration: nil,
      isAccepted: !diagnostics.hasErrors,
      hasResolvedReferences: !diagnostics.contains { DiagnosticCode.references.contains($0.code) },
      diagnostics: diagnostics)
  }
}
