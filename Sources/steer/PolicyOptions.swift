import ArgumentParser
import Configuration

/// Where the policy of a command comes from: the same three places as for the server.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder or file of policy and inventory documents; may be repeated.", valueName: "path"),
    completion: .file())
  var policy: [String] = []

  @Option(help: ArgumentHelp("A YAML file of settings.", valueName: "file"), completion: .file())
  var config: String?

  @OptionGroup var cluster: ClusterOptions

  /// The flags that were given.
  var flags: [Settings.Key: ConfigContent] {
    var flags = cluster.flags
    if !policy.isEmpty { flags[.policy] = .stringArray(policy) }
    return flags
  }

  /// Whether none was given, and no file of settings.
  var isEmpty: Bool { flags.isEmpty && config == nil }

  /// Where the policy comes from; throws if none is named anywhere.
  func policySource() async throws -> PolicySource {
    let settings = try await Settings.orExit(flags: flags, file: config)
    try settings.requirePolicy()
    return PolicySource(paths: settings.policy, cluster: settings.cluster)
  }
}

extension Settings {
  /// Throws if neither a file nor a cluster is named that has a policy.
  func requirePolicy() throws {
    guard policy.isEmpty, cluster?.readsPolicy != true else { return }
    throw ValidationError(
      "Name the policy: --policy PATH, STEER_POLICY, or 'policy' in the configuration file; or take it from the cluster, "
        + "with --kubernetes.")
  }

  /// The settings, or the end of the command with the setting that is wrong.
  static func orExit(flags: [Key: ConfigContent], file: String?) async throws -> Settings {
    do {
      return try await Settings(flags: flags, file: file)
    } catch let error as SettingError {
      throw ValidationError(error.description)
    }
  }
}
