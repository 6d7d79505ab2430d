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

  /// The flags that were given.
  var flags: [Settings.Key: ConfigContent] {
    policy.isEmpty ? [:] : [.policy: .stringArray(policy)]
  }

  /// The policy's folders and files; throws if none is named anywhere.
  func paths() async throws -> [String] {
    let settings = try await Settings.orExit(flags: flags, file: config)
    guard !settings.policy.isEmpty else {
      throw ValidationError("Name the policy: --policy PATH, STEER_POLICY, or 'policy' in the configuration file.")
    }
    return settings.policy
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
