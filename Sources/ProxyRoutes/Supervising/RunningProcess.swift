import Foundation
import Glibc

/// A process that may be somebody else's child.
struct RunningProcess: Sendable {
  /// Its number.
  let identifier: pid_t

  /// The process whose number a file has, if it runs Squid under that service name.
  ///
  /// The number in an old file may be another process's by now.
  init?(pidFile: String, name: String) {
    guard let text = try? String(contentsOfFile: pidFile, encoding: .utf8),
      let identifier = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), identifier > 1
    else { return nil }
    self.init(identifier)
    guard isSquid(named: name) else { return nil }
  }

  /// The process of a number.
  init(_ identifier: pid_t) {
    self.identifier = identifier
  }

  /// Whether it is a Squid under a service name: its command line has `-n NAME`.
  func isSquid(named name: String) -> Bool {
    let words = (FileManager.default.contents(atPath: "/proc/\(identifier)/cmdline") ?? Data()).split(separator: 0)
    guard let flag = words.firstIndex(where: { $0.elementsEqual("-n".utf8) }), flag + 1 < words.endIndex else {
      return false
    }
    return words[flag + 1].elementsEqual(name.utf8)
  }

  /// Whether it has a handler for SIGHUP; a process that just started would be ended by it.
  var handlesHangup: Bool {
    let status = (try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)) ?? ""
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("SigCgt:") }),
      let mask = UInt64(line.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
    else { return false }
    return mask & 1 << UInt64(SIGHUP - 1) != 0
  }

  /// Sends a signal; whether there was a process to take it.
  @discardableResult func send(_ signal: Int32) -> Bool { kill(identifier, signal) == 0 }
}
