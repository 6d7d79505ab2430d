/// Metrics as Prometheus reads them (text format 0.0.4), each with what it means and its samples.
public struct MetricText: Sendable {
  /// What a metric's value does.
  public enum Kind: String, Sendable {
    case counter, gauge
  }

  /// The metrics so far.
  public private(set) var text = ""
  private var name = ""

  /// No metric.
  public init() {}

  /// Begins a metric, whose samples follow.
  public mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Adds a sample of the metric.
  public mutating func add(_ labels: KeyValuePairs<String, String>, _ value: String) {
    let pairs = labels.map { "\($0.key)=\"\(Self.escape($0.value))\"" }
    text += name + (pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") + " \(value)\n"
  }

  /// Adds a metric of one sample.
  public mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: String) {
    begin(name, kind, help)
    add([:], value)
  }

  /// Adds metrics that are text already; their names must be others.
  public mutating func add(metrics: String) {
    text += metrics
  }

  private static func escape(_ value: String) -> String {
    value.unicodeScalars.reduce(into: "") { escaped, scalar in
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
  }
}
