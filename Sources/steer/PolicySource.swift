import ArgumentParser
import Control
import Logging
import SteeringPolicy

/// Where the policy of a command comes from: files, a cluster, or both.
struct PolicySource {
  /// Folders and files.
  var paths: [String]
  /// What is read of a cluster, if anything is.
  var cluster: ClusterSettings?

  /// Loads the policy as it is now; what was found is in the result.
  func load() async throws -> SnapshotLoader.Result {
    try await withInputs { inputs, pods in
      var result = SnapshotLoader.loadFirst(inputs, serial: SerialStore.inMemory.next())
      if let pods, let snapshot = result.snapshot, let policy = result.policy {
        result.snapshot = await pods.putOver(policy.inventory, in: snapshot)
      }
      return result
    }
  }

  /// Loads the policy for a command that cannot go on without it; findings go to standard error.
  func loadOrExit() async throws -> SnapshotLoader.Loaded {
    let result = try await load()
    for diagnostic in result.diagnostics { Output.error(diagnostic.description) }
    guard let snapshot = result.snapshot, let policy = result.policy else { throw ExitCode.failure }
    return SnapshotLoader.Loaded(snapshot: snapshot, policy: policy)
  }

  /// Loads the policy for a command that makes the Services it refers to; findings go to standard error.
  func loadWithoutServicesOrExit() async throws -> PolicySet {
    let result = try await withInputs { inputs, _ in SnapshotLoader.loadPolicy(inputs, services: .yetToBeMade) }
    for diagnostic in result.diagnostics { Output.error(diagnostic.description) }
    guard let policy = result.policy else { throw ExitCode.failure }
    return policy
  }

  /// Calls `body` with everything that is loaded, as it is now, and with the pods of the cluster.
  private func withInputs<Result>(
    _ body: (PolicyInputs, LivePods?) async throws -> Result
  ) async throws -> Result {
    guard let cluster else { return try await body(PolicyInputs(paths: paths), nil) }
    let silent = Logger(label: "steer") { _ in SwiftLogNoOpLogHandler() }
    let parts: ClusterParts
    do {
      parts = try ClusterParts(cluster, logger: silent)
    } catch {
      Output.error("error: \(error)")
      throw ExitCode.failure
    }
    do {
      try await parts.synchronizeOnce()
      let inputs = await parts.watch.inputs
      let result = try await body(
        PolicyInputs(paths: paths, objects: inputs.objects, inventory: inputs.inventory), parts.watch.pods)
      await parts.stop()
      return result
    } catch {
      await parts.stop()
      guard let error = error as? ClusterParts.NotSynchronized else { throw error }
      Output.error("error: \(error)")
      throw ExitCode.failure
    }
  }
}

/// The policy that a command is about, as its arguments say.
struct SourceArguments: ParsableArguments {
  @Argument(help: "Folders or files of policy and inventory documents (YAML, JSON).", completion: .file())
  var paths: [String] = []

  @OptionGroup var cluster: ClusterOptions

  /// Whether a policy is named.
  var isEmpty: Bool { get throws { try paths.isEmpty && cluster.settings()?.readsPolicy != true } }

  func validate() throws {
    _ = try cluster.settings()
  }

  /// The source; throws if none is named.
  func source() throws -> PolicySource {
    guard try !isEmpty else {
      throw ValidationError("Name the policy's folders or files, or take it from the cluster with --kubernetes.")
    }
    return PolicySource(paths: paths, cluster: try cluster.settings())
  }
}
