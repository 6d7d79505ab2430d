import Foundation
import Glibc
import Testing

extension EgressLab {
  /// What curl saw.
  struct Answer: CustomStringConvertible {
    /// curl's exit status: 7 if nothing accepts, 56 if a proxy refuses.
    let exit: Int32
    /// The status of the proxy's answer to CONNECT; 0 if there was none.
    let connect: Int
    /// The status of the last answer.
    let status: Int
    let body: String
    /// What curl tells of the way, headers too.
    let trace: String

    var description: String { "exit \(exit), CONNECT \(connect), status \(status): \(body)\n\(trace)" }
  }

  /// The proxy by the name that a pod has in its settings.
  static let proxyByName = "http://\(Lab.steeredName):3128"

  /// Fetches a URL in a place.
  func curl(
    _ url: String = url, through proxy: String?, from place: Lab.Place, _ options: [String] = []
  ) async throws -> Answer {
    let finished = try await lab.run(
      [
        "curl", "--silent", "--show-error", "--verbose", "--max-time", "50", "--cacert", certificate, "--write-out",
        "\n%{http_connect} %{http_code}",
      ] + (proxy.map { ["--proxy", $0] } ?? ["--noproxy", "*"]) + options + [url], in: place)
    try #require(finished.status != 127, "curl is missing; deploy/test.sh installs it")
    let lines = finished.output.split(separator: "\n")
    let codes = (lines.last ?? "").split(separator: " ").compactMap { Int($0) }
    try #require(codes.count == 2, "\(finished.output)\(finished.errors)")
    return Answer(
      exit: finished.status, connect: codes[0], status: codes[1], body: lines.dropLast().joined(separator: "\n"),
      trace: finished.errors)
  }

  /// Tunnels that stay open, and new CONNECTs beside them.
  struct Load {
    let program: ChildProcess

    /// How many tunnels ended so far.
    var closed: Int { program.output.split(separator: "\n").count { $0.hasPrefix("closed") } }

    /// What came of it.
    struct Result: Decodable {
      /// Tunnels at the start.
      var opened: Int
      /// Tunnels that carried bytes both ways at the end.
      var alive: Int
      /// How often a tunnel gave back what it was sent.
      var echoes: Int
      /// By status and Steer's reason, or by the error where there was none, how many new CONNECTs.
      var probes: [String: Int]

      /// How many new CONNECTs had a status.
      func count(_ status: Int) -> Int {
        probes.reduce(0) { $1.key.hasPrefix("\(status)") ? $0 + $1.value : $0 }
      }

      /// Whether new CONNECTs had one status and no other, and there were more than `minimum`.
      func hadOnly(_ status: Int, moreThan minimum: Int = 0) -> Bool {
        let all = probes.values.reduce(0, +)
        return count(status) == all && all > minimum
      }
    }

    /// Ends the load.
    func end() async throws -> Result {
      program.send(SIGTERM)
      let status = try await program.status()
      try #require(status == 0, "\(program.output)\(program.errors)")
      let line = try #require(program.output.split(separator: "\n").last)
      return try JSONDecoder().decode(Result.self, from: Data(line.utf8))
    }
  }

  /// Starts a load in a place; all of its tunnels are open.
  func load(
    tunnels: Int, through service: Service = .microsoft, from place: Lab.Place,
    probed: String = "login.microsoft.com:443"
  ) async throws -> Load {
    Load(program: try await start(["load", service.endpoint, "\(tunnels)", Self.echo, probed], in: place))
  }
}
