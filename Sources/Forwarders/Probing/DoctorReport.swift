/// All that a doctor found on the way to a zone.
public struct DoctorReport: Codable, Equatable, Sendable {
  /// The zone's apex.
  public var zone: String
  /// The resolvers that were asked, as `ADDRESS:PORT`.
  public var resolvers: [String]
  /// The checks, in order.
  public var checks: [DoctorCheck]

  /// How many checks ended in a status.
  public func count(_ status: DoctorCheck.Status) -> Int {
    checks.count { $0.status == status }
  }

  /// Whether a check ended in an error.
  public var hasErrors: Bool { count(.error) > 0 }

  /// The report for people: a line for each check, then the fixes, each once.
  public var text: String {
    var lines = checks.map { check in
      let name = check.code?.rawValue ?? check.check.rawValue
      let place = resolvers.count > 1 ? check.resolver.map { "\($0): " } ?? "" : ""
      return Self.pad(check.status.rawValue, to: 9) + Self.pad(name, to: 25) + place + check.seen
    }
    var fixed: [DoctorCheck] = []
    for check in checks where check.fix != nil {
      if !fixed.contains(where: { $0.code == check.code && $0.fix == check.fix }) { fixed.append(check) }
    }
    for check in fixed {
      lines += ["", "\(check.code?.rawValue ?? check.check.rawValue): \(check.why ?? "")"]
      lines += (check.fix ?? "").split(separator: "\n", omittingEmptySubsequences: false).map {
        $0.isEmpty ? "" : "    \($0)"
      }
    }
    let counts = [(DoctorCheck.Status.ok, "ok"), (.warning, "warning"), (.error, "error"), (.skipped, "skipped")]
    lines += ["", counts.map { "\(count($0.0)) \($0.1)" }.joined(separator: ", ")]
    return lines.joined(separator: "\n")
  }

  private static func pad(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
