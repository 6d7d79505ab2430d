public import Steering
public import SteeringPolicy

/// Paths → snapshot: reads, decodes, validates, reads the zone files, compiles.
///
/// The one way in for every command.
public enum SnapshotLoader {
  /// What came of loading.
  public struct Result: Sendable {
    /// The snapshot; nil if a finding is an error.
    public var snapshot: Snapshot?
    /// The validated policy; nil if it is not valid by itself.
    public var policy: PolicySet?
    /// Every finding, in the order of the places.
    public var diagnostics: [Diagnostic]
    /// Every file that was read or tried, master files too: a change of one of them is a change of the policy.
    public var files: [String]
    /// What serves if the snapshot does: to be given to the next load; nil without a snapshot or without a cluster.
    public var accepted: AcceptedInputs?
    /// What others serve, as far as was known before a first load.
    var remembered: AcceptedInputs?
    /// What became of each object of the cluster, by key.
    public var statuses: [ObjectStatus] = []
  }

  /// A policy and its snapshot.
  public struct Loaded: Sendable {
    /// The snapshot.
    public var snapshot: Snapshot
    /// The validated policy that it was compiled from.
    public var policy: PolicySet

    /// A policy and its snapshot.
    public init(snapshot: Snapshot, policy: PolicySet) {
      self.snapshot = snapshot
      self.policy = policy
    }
  }

  /// Loads the policy under `paths` with a serial for it.
  public static func load(_ paths: [String], serial: UInt32) -> Result {
    load(PolicyInputs(paths: paths), serial: serial)
  }

  /// Loads a policy with a serial for it.
  ///
  /// Of a policy from a cluster a part that has errors is held back: what was `accepted` of it serves on, beside the
  /// other parts as they are now; so are the objects that are `refused` beforehand. A policy of nothing but files is taken
  /// whole or not at all.
  public static func load(
    _ inputs: PolicyInputs, accepted: AcceptedInputs? = nil, refused: RefusedObjects = [:], serial: UInt32
  ) -> Result {
    if inputs.isLive {
      var loader = LivePolicyLoader(inputs, accepted: accepted, refused: refused, serial: serial)
      return loader.load()
    }
    var result = Result(diagnostics: inputs.unreadable, files: inputs.files.map(\.path))
    if inputs.files.isEmpty { return result }
    let assembly = PolicyAssembly(
      documents: inputs.files.map { PolicyDocuments($0) }, unreadable: inputs.unreadable, serial: serial)
    let assembled = assembly.load()
    result.files += assembled.zoneFiles.keys.sorted()
    result.policy = assembled.policy
    result.snapshot = assembled.snapshot
    result.diagnostics = assembled.diagnostics
    return result
  }

  /// Loads what a server that starts serves: of an object that is held back, what its status says that the others serve.
  ///
  /// `kept` is what this server accepted before its start.
  public static func loadFirst(
    _ inputs: PolicyInputs, kept: AcceptedInputs? = nil, refused: RefusedObjects = [:], serial: UInt32
  ) -> Result {
    guard inputs.isLive else { return load(inputs, serial: serial) }
    let accepted = AcceptedInputs(
      rememberedBy: inputs.objects ?? [], files: inputs.files, inventory: inputs.inventory, kept: kept)
    var result = load(inputs, accepted: accepted, refused: refused, serial: serial)
    if result.snapshot == nil, let accepted {
      // What was accepted may be so no longer, as by a server that looks at more: then all but policies is decided anew.
      let anew = load(inputs, accepted: accepted.policiesOnly, refused: refused, serial: serial)
      // If even so nothing can be served, what the others serve stays known.
      if anew.snapshot != nil { result = anew }
    }
    result.remembered = accepted
    return result
  }

  /// Loads the policy under `paths` without zone files and without a snapshot.
  public static func loadPolicy(_ paths: [String], services: PolicyLoader.Services = .inventory) -> Result {
    loadPolicy(PolicyInputs(paths: paths), services: services)
  }

  /// Loads a policy without zone files and without a snapshot; nothing is held back.
  public static func loadPolicy(_ inputs: PolicyInputs, services: PolicyLoader.Services = .inventory) -> Result {
    var result = Result(diagnostics: inputs.unreadable, files: inputs.files.map(\.path))
    let files = inputs.files + (inputs.objects ?? []).sorted { $0.age < $1.age }.map(\.file)
    if files.isEmpty { return result }
    let assembly = PolicyAssembly(
      documents: files.map { PolicyDocuments($0) }, unreadable: inputs.unreadable, inventory: inputs.inventory,
      isLive: inputs.isLive, serial: 0)
    (result.policy, result.diagnostics) = assembly.policy(services: services)
    return result
  }
}
