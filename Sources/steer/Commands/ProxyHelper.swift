import ArgumentParser
import ProxyRoutes

/// `steer proxy-helper`.
struct ProxyHelperCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proxy-helper",
    abstract: "Answer Squid's external ACL from a running 'steer serve'; Squid starts it.",
    discussion: """
      Reads CHANNEL CLIENT CLIENTPORT LISTENERPORT METHOD HOST PORT from standard input, a line each, and answers \
      CHANNEL OK or CHANNEL ERR with the reason. The squid.conf of 'steer render squid' has it.

      While Steer does not run, is slow, or does not answer as it should, everything is refused with the reason \
      'unavailable'; standard error, which is Squid's cache.log, says why, once, and once more when it is over. It ends \
      when its input does.
      """)

  @Option(help: ArgumentHelp("The Unix socket of 'steer serve'.", valueName: "path"), completion: .file())
  var socket: String

  @Option(help: "How long Steer may take for an answer, in seconds, up to 30.")
  var timeout = 2.0

  func validate() throws {
    guard timeout.isFinite, timeout >= 0.01, timeout <= 30 else {
      throw ValidationError("--timeout is at least 0.01 and at most 30 seconds.")
    }
  }

  func run() {
    var helper = ProxyHelper(socket: socket, timeout: .milliseconds(Int64(timeout * 1000)))
    helper.run()
  }
}
