public import KubernetesAPI
public import SteeringPolicy

/// Everything a policy is loaded from, as it is at one time.
public struct PolicyInputs: Sendable {
  /// The files under the paths that were named, in order.
  public var files: [PolicyFile]
  /// What could not be read of them.
  public var unreadable: [Diagnostic]
  /// The first path that was named: below it are the zone files that zones of the cluster may name.
  public var folder: String?
  /// The policy's objects in the cluster, in any order; nil if the policy is not taken from the cluster.
  public var objects: [CustomObject]?
  /// The Services and namespaces of the cluster; nil if they are not taken from the cluster.
  public var inventory: ClusterInventory?

  /// The files under `paths` as they are now, and what the cluster has.
  public init(paths: [String], objects: [CustomObject]? = nil, inventory: ClusterInventory? = nil) {
    var (files, unreadable) = PolicyFiles(paths: paths).read()
    // Files may be there for nothing but their zones.
    if objects != nil { unreadable.removeAll { $0.code == .nothingToLoad } }
    self.init(files: files, unreadable: unreadable, folder: paths.first, objects: objects, inventory: inventory)
  }

  /// Inputs of these parts.
  public init(
    files: [PolicyFile], unreadable: [Diagnostic] = [], folder: String? = nil, objects: [CustomObject]? = nil,
    inventory: ClusterInventory? = nil
  ) {
    self.files = files
    self.unreadable = unreadable
    self.folder = folder
    self.objects = objects
    self.inventory = inventory
  }

  /// Whether a part is taken from a cluster: what it refers to may come yet, and one bad object must not stop the others.
  public var isLive: Bool { objects != nil || inventory != nil }
}

/// What serves: of each object, and of the files as a whole, the last version that was good.
public struct AcceptedInputs: Codable, Sendable {
  /// The files.
  public var files: [PolicyFile]
  /// The objects.
  public var objects: [CustomObject]
  /// The inventory that they were resolved against.
  public var inventory: ClusterInventory?
  /// The zone files that were read, by path; they are not kept with the rest, being files of this server themselves.
  var zoneFiles: [String: [UInt8]] = [:]
  /// Whether the files are what was accepted, and not just what is there.
  var filesAreKnown = true
  /// Objects of which a version serves that is not known here.
  var unknown: Set<CustomObject.Key> = []
  /// Objects of which nothing was told yet: others may serve them.
  var untold: Set<CustomObject.Key> = []
  /// Files and objects decoded, so that what did not change is not decoded again.
  var documents: [PolicyFile: PolicyDocuments] = [:]

  private enum CodingKeys: String, CodingKey {
    case files, objects, inventory
  }

  /// Accepted files, objects and inventory.
  public init(files: [PolicyFile], objects: [CustomObject], inventory: ClusterInventory?) {
    self.files = files
    self.objects = objects
    self.inventory = inventory
  }
}

extension AcceptedInputs {
  /// What is known of policies alone, so that of everything else is decided anew.
  var policiesOnly: AcceptedInputs {
    var policies = self
    policies.objects.removeAll { $0.key.kind != "EgressPolicy" }
    return policies
  }
}

extension AcceptedInputs: Equatable {
  /// Whether the same serves: what was read on the way there does not count.
  public static func == (left: AcceptedInputs, right: AcceptedInputs) -> Bool {
    left.files == right.files && left.objects == right.objects && left.inventory == right.inventory
  }
}
