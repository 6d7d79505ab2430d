public import Logging
import Steering
public import SteeringPolicy

extension Logger {
  /// Logs findings, each with its place and code.
  public func log(_ diagnostics: [Diagnostic]) {
    for diagnostic in diagnostics {
      log(
        level: diagnostic.severity == .error ? .error : .warning, "\(diagnostic.message)",
        metadata: ["at": "\(diagnostic.location)", "code": "\(diagnostic.code.rawValue)"])
    }
  }

  /// Logs which keys the policy names and nobody gave the server.
  func logMissingKeys(of snapshot: Snapshot) {
    for key in snapshot.missingKeys {
      warning(
        "a key that the policy names is not in the key file; transfers by it are refused", metadata: ["key": "\(key)"]
      )
    }
  }

  /// Logs which objects of a cluster are held back.
  func logHeldBack(_ statuses: [ObjectStatus]) {
    for status in statuses where !status.isAccepted {
      warning(
        status.servedGeneration == nil
          ? "an object has errors and is left out" : "an object has errors; its last good version serves on",
        metadata: ["object": "\(status.key.kind)/\(status.key.name)"])
    }
  }
}
