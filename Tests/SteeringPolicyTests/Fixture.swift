import Foundation
import SteeringPolicy

/// Files of this target's Fixtures folder.
enum Fixture {
  /// The folder.
  static var folder: URL {
    Bundle.module.resourceURL?.appending(path: "Fixtures") ?? URL(filePath: "Fixtures")
  }

  /// The names of the fixtures that show one diagnostic code each.
  static var codes: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// A file by its path in the folder, which is also the path in diagnostics.
  static func file(_ path: String) throws -> PolicyFile {
    PolicyFile(path: path, text: try String(contentsOf: folder.appending(path: path), encoding: .utf8))
  }

  /// A valid zone, for tests that need one and nothing else.
  static let zone = PolicyFile(
    path: "zone.yaml",
    text: """
      apiVersion: egress.aibang.com/v1alpha1
      kind: SteeringZone
      metadata: {name: intra}
      spec: {zone: intra.aibang.local}

      """)
}
