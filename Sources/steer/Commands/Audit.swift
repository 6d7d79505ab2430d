import ArgumentParser
import Glibc
import ProxyRoutes
import Steering

/// `steer audit`.
struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say who resolved and never connected, who connected without resolving, and who was denied.",
    usage: """
      steer audit --queries FILE... --connects FILE... [--since TIME] [--until TIME] [--window SECONDS]
                  [--namespace NS | --pod NS/POD] [--output text|json]
      """,
    discussion: """
      Reads the query log and the connect log of 'steer serve', any number of files in any order, and joins them by \
      client and route. A client is a pod, or an address where no pod is known.

      TIME is 2026-11-24T02:10:07Z, with an offset in place of the Z if need be, or a day, 2026-11-24, which begins at \
      midnight UTC.

      An answer is good for --window seconds: clients keep an address for its TTL, and runtimes for longer. A \
      connection that follows no answer of that time went to an address that its client had from elsewhere.

      A line that cannot be read is counted, and the first one named. Exits with 1 if a file cannot be read.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Files of the query log; - for standard input.", valueName: "file"), completion: .file())
  var queries: [String]

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Files of the connect log; - for standard input.", valueName: "file"), completion: .file())
  var connects: [String]

  @Option(help: "The first time that counts.")
  var since: AuditTime?

  @Option(help: "The last time that counts.")
  var until: AuditTime?

  @Option(help: ArgumentHelp("How long an answer is good, in seconds.", valueName: "seconds"))
  var window: UInt64 = 600

  @Option(help: ArgumentHelp("Report this namespace only.", valueName: "ns"))
  var namespace: String?

  @Option(help: ArgumentHelp("Report this pod only.", valueName: "ns/pod"))
  var pod: String?

  @Option(name: .shortAndLong, help: "How to print: text or json.")
  var output = OutputFormat.text

  func validate() throws {
    if (queries + connects).count(where: { $0 == "-" }) > 1 {
      throw ValidationError("Standard input can be read once: name - once.")
    }
    guard (1...31_536_000).contains(window) else {
      throw ValidationError("--window takes 1 to 31536000 seconds.")
    }
    if let since, let until, since.milliseconds > until.milliseconds {
      throw ValidationError("--since is later than --until: no time counts.")
    }
    if namespace != nil && pod != nil { throw ValidationError("--pod names its namespace itself.") }
    if let pod, pod.split(separator: "/", omittingEmptySubsequences: false).count != 2 {
      throw ValidationError("'\(pod)' is not NAMESPACE/POD.")
    }
  }

  func run() throws {
    var options = AccessAudit.Options()
    options.range = (since?.milliseconds ?? 0)...(until?.milliseconds ?? .max)
    options.windowSeconds = window
    let parts = pod?.split(separator: "/").map(String.init)
    options.namespace = parts?.first ?? namespace
    options.pod = parts?.last
    var audit = AccessAudit(options)
    do {
      try read(into: &audit)
    } catch {
      Output.error("error: \(error)")
      throw ExitCode.failure
    }
    let report = audit.report
    switch output {
    case .json: try Output.json(report)
    case .text: print(AuditText(report).text)
    }
  }

  /// Reads all files, the queries first: a connection is judged by all of them.
  private func read(into audit: inout AccessAudit) throws(LogReader.Unreadable) {
    // Looked at before anything is read, so that a wrong name is told at once.
    var files: [(AccessAudit.Log, String)] = []
    var total: UInt64? = 0
    for (log, path) in queries.map({ (AccessAudit.Log.queries, $0) }) + connects.map({ (.connects, $0) }) {
      let size = try LogReader.size(of: path)
      total = total.flatMap { total in size.map { total + $0 } }
      files.append((log, path))
    }
    var progress = AuditProgress(of: total)
    for (log, path) in files {
      let name = path == "-" ? "standard input" : path
      var number: UInt64 = 0
      try LogReader(path).read { octets, line in
        number += 1
        if let line {
          audit.add(octets, line, of: log, file: name, number: number)
        } else {
          audit.addLong(of: log, file: name, number: number)
        }
      } progress: {
        progress.add($0)
      }
    }
    progress.end()
  }
}

/// A time on the command line.
struct AuditTime: ExpressibleByArgument {
  let milliseconds: UInt64

  init?(argument: String) {
    // A day is its first moment.
    let text = argument.utf8.count == 10 ? argument + "T00:00:00Z" : argument
    guard let milliseconds = LogTime.milliseconds(of: text.utf8) else { return nil }
    self.milliseconds = milliseconds
  }
}

/// Tells a person who waits how far the files are read, on standard error.
private struct AuditProgress {
  private let total: UInt64?
  private let isWatched = isatty(STDERR_FILENO) == 1
  private var done: UInt64 = 0
  private var next = ContinuousClock.now + .milliseconds(500)

  init(of total: UInt64?) {
    self.total = total
  }

  mutating func add(_ octets: UInt64) {
    done += octets
    guard isWatched, ContinuousClock.now >= next else { return }
    next = ContinuousClock.now + .milliseconds(500)
    let all = total.map { " of \($0 >> 20)" } ?? ""
    write("\rread \(done >> 20)\(all) MiB")
  }

  /// Clears what was written.
  func end() {
    if isWatched { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    let octets = Array(text.utf8)
    _ = unsafe Glibc.write(STDERR_FILENO, octets, octets.count)
  }
}
