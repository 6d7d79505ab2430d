import Foundation
import Logging
public import Steering
public import SteeringPolicy

/// The file of the keys that are shared with secondaries.
public enum TransferKeyFile {
  /// What came of the file.
  public struct Result: Sendable {
    /// The keys; nil if a finding is an error.
    public var keys: KeyRing?
    /// Every finding; none says what a secret is.
    public var diagnostics: [Diagnostic]

    /// The keys; throws the findings if there are none, and logs them otherwise.
    func keys(_ logger: Logger) throws(Fault) -> KeyRing {
      guard let keys else { throw Fault(description: diagnostics.map(\.description).joined(separator: "\n")) }
      logger.log(diagnostics)
      return keys
    }
  }

  /// Why the file does not give keys.
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// Reads the keys in the file at `path`.
  public static func load(_ path: String) -> Result {
    switch PolicyFiles.contents(of: path) {
    case .failure(let fault): return Result(diagnostics: [fault.diagnostic])
    case .success(let octets):
      guard let text = String(validating: octets, as: UTF8.self) else {
        return Result(diagnostics: [.atStart(of: path, .syntax, "the file is not UTF-8; save it as UTF-8")])
      }
      let loaded = KeyFile.load(PolicyFile(path: path, text: text))
      let diagnostics = loaded.diagnostics + (permissionFault(of: path).map { [$0] } ?? [])
      return Result(
        keys: loaded.keys.map(KeyRing.init), diagnostics: diagnostics.sorted { $0.location < $1.location })
    }
  }

  /// That anyone on the machine can read the file, if it is so.
  private static func permissionFault(of path: String) -> Diagnostic? {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: target)
    guard let mode = attributes?[.posixPermissions] as? Int, mode & 0o007 != 0 else { return nil }
    return .atStart(
      of: path, .keyFilePermissions,
      "every user of the machine can open the file, which holds secrets; take that away with 'chmod o-rwx'")
  }
}

extension PolicySet {
  /// What the policy's rules about transfers want of keys that are not there.
  public func findings(about keys: KeyRing) -> [Diagnostic] {
    zones.flatMap(\.transfers).compactMap(\.key).filter { keys[$0.value] == nil }.map { key in
      Diagnostic(
        .transferKeyMissing, at: key.location,
        "the key file has no key \(key.value.relativeDescription), so nobody has the zone by it; add it there, or correct the "
          + "name")
    }
  }
}
