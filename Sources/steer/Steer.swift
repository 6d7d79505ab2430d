import ArgumentParser

/// The command line.
@main
struct Steer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "steer",
    abstract: "Authoritative DNS that steers the egress of Kubernetes pods, per namespace.",
    discussion: """
      One policy says which proxy routes exist, and which namespaces may use them. Steer compiles it to one \
      snapshot, answers DNS from it, and tells anyone why.

      Try it:
        steer check zones/
        steer serve --policy zones/ --listen 127.0.0.1:5300
        steer explain --policy zones/ --from team-a microsoft.intra.aibang.local

      EXIT CODES
        0   done; for check and test: no error, every test passed
        1   the policy has errors, a test failed, the doctor found one, or the server could not start
        64  the command line or a setting is wrong

      Shell completions: steer --generate-completion-script bash|zsh|fish
      """,
    version: "steer \(BuildInformation.version)",
    subcommands: [
      Serve.self, Check.self, CheckZone.self, Test.self, Explain.self, Matrix.self, Render.self,
      DoctorCommand.self, ProxyHelperCommand.self, Audit.self, Status.self, Version.self,
    ])
}
