import CAllocations
import Foundation
import Steering
import SteeringPolicy

/// `steer-benchmark compile`: what it takes to load policies of growing size.
///
/// Of three sizes the last is ten times the first in every dimension. What a policy says grows so too, but for the
/// shape `every`, whose pairs of namespace and route grow a hundredfold; time and memory should grow no faster.
enum CompileTiming {
  private static let scales = [100, 300, 1_000]

  /// Prints time and memory for each shape and size; false if one could not be loaded.
  static func run(_ arguments: [String]) -> Bool {
    let columns = [
      "routes", "namespaces", "pods", "decode s", "compile s", "VmHWM MiB", "VmRSS MiB", "views", "names",
    ]
    report("shape".padded(to: 10) + columns.map { $0.rightAligned(in: 11) }.joined())
    for shape in PolicyText.Shape.allCases {
      for scale in scales {
        guard measure(PolicyText(shape: shape, routes: scale, namespaces: scale, pods: scale * 10)) else {
          return false
        }
      }
    }
    return true
  }

  private static func measure(_ text: PolicyText) -> Bool {
    let files = text.files
    let clock = ContinuousClock()
    Memory.resetPeak()
    var loaded: (policy: PolicySet?, diagnostics: [Diagnostic]) = (nil, [])
    let decoding = clock.measure { loaded = PolicyLoader.load(files) }
    guard let policy = loaded.policy else {
      report("error: \(loaded.diagnostics.prefix(3).map(\.description).joined(separator: "\n"))")
      return false
    }
    var compiled: (snapshot: Snapshot?, diagnostics: [Diagnostic]) = (nil, [])
    let compiling = clock.measure { compiled = SnapshotCompiler.compile(.init(policy: policy, serial: 1)) }
    guard let snapshot = compiled.snapshot else {
      report("error: \(compiled.diagnostics.prefix(3).map(\.description).joined(separator: "\n"))")
      return false
    }
    let memory = Memory.current()
    let values = [
      String(text.routes), String(text.namespaces), String(text.pods), decoding.inSeconds.text(digits: 3),
      compiling.inSeconds.text(digits: 3), memory.peak.text(digits: 1), memory.resident.text(digits: 1),
      String(snapshot.viewCount), String(snapshot.nameCount),
    ]
    report(text.shape.rawValue.padded(to: 10) + values.map { $0.rightAligned(in: 11) }.joined())
    return true
  }
}

/// The memory of this process, as the kernel has it.
struct Memory {
  /// The most that was resident since the last reset, in MiB.
  let peak: Double
  /// What is resident, in MiB.
  let resident: Double

  /// The memory now.
  static func current() -> Memory {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    func mebibytes(_ key: String) -> Double {
      let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
      let kibibytes = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Double($0) }
      return (kibibytes ?? 0) / 1024
    }
    return Memory(peak: mebibytes("VmHWM:"), resident: mebibytes("VmRSS:"))
  }

  /// Gives back what is free, and lets the peak start anew from what is resident (proc(5), `clear_refs`).
  static func resetPeak() {
    callocations_trim()
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
  }
}
