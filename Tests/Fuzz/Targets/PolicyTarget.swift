import DNSWire
import Steering
import SteeringPolicy

/// A policy, to a snapshot that answers for every name of it.
enum PolicyTarget {
  private static let clients = ["10.8.1.1", "127.0.0.1", "fd00:8::1"].compactMap(IPAddress.init)

  static func run(_ octets: [UInt8]) {
    let text = String(decoding: octets, as: UTF8.self)
    let loaded = PolicyLoader.load([PolicyFile(path: "policy.yaml", text: text)])
    for finding in loaded.diagnostics {
      require(finding.location.line >= 1 && finding.location.column >= 1, "a finding at no place: \(finding)")
    }
    guard let policy = loaded.policy else {
      require(loaded.diagnostics.hasErrors, "no policy, and no error")
      return
    }
    let compiled = SnapshotCompiler.compile(.init(policy: policy, serial: 1))
    guard let snapshot = compiled.snapshot else {
      require(compiled.diagnostics.hasErrors, "no snapshot, and no error")
      return
    }
    var responder = Responder(snapshot, seed: 1)
    let names = policy.zones.flatMap(\.apexes) + policy.routes.flatMap { $0.hostnames.map(\.value) }
    for name in names.prefix(8) {
      for client in clients {
        for type in [RecordType.a, .soa, .txt] {
          AnswerChecks.answer(Query.message(name: name, type: type), from: client, over: .udp, by: &responder)
        }
      }
    }
  }
}
