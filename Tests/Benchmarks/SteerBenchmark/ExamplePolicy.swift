import Control
import Steering

/// The policy that queries are asked of.
enum ExamplePolicy {
  /// Why there is nothing to ask.
  struct Unusable: Error, CustomStringConvertible {
    let description: String
  }

  /// The snapshot of the policy at the first of `arguments`, or of the example.
  static func snapshot(_ arguments: [String]) throws -> Snapshot {
    let result = SnapshotLoader.load([arguments.first ?? "zones"], serial: 1)
    guard let snapshot = result.snapshot else {
      throw Unusable(description: result.diagnostics.map(\.description).joined(separator: "\n"))
    }
    return snapshot.replacing(secrets: ServerSecrets(cookies: .random()))
  }

  /// Asks every kind of query, once it is known to be answered as it should be; hands each to `body`.
  static func askAll(
    _ arguments: [String], keepingRecentAnswers: Bool = false, _ body: (QueryKind, inout Asker) throws -> Void
  ) throws {
    var asker = Asker(try snapshot(arguments), keepingRecentAnswers: keepingRecentAnswers)
    for kind in try QueryKind.all() {
      let rcode = asker.rcode(of: kind)
      guard rcode == kind.rcode else {
        let found = rcode.map(\.description) ?? "nothing that can be read"
        throw Unusable(description: "\(kind.name): the answer is \(found), not \(kind.rcode)")
      }
      try body(kind, &asker)
    }
  }
}
