/// What `kubernetes-load` is told.
struct LoadOptions {
  var pods = 1000
  var namespaces = 20
  /// Changes a second.
  var rate = 500
  /// How long changes go on.
  var seconds = 120
  /// Queries a second while changes go on.
  var queries = 2000
  /// How many changes are waited for one by one.
  var lags = 200
  /// Where Steer will answer, on 127.0.0.1.
  var dnsPort: UInt16 = 0
  /// Where the kubeconfig is written.
  var kubeconfig = ""
  /// The Steer that is measured, and its arguments.
  var command: [String] = []

  static let usage = """
    usage: kubernetes-load --dns PORT --kubeconfig FILE [--pods N] [--namespaces N] [--rate N] [--seconds N]
             [--queries N] [--lags N] -- COMMAND…
    Plays a Kubernetes API server with so many pods, starts COMMAND, a Steer that reads FILE and answers at PORT of
    127.0.0.1, and measures: the time until it answers rightly, its memory, how long a change takes to be answered, and
    whether every answer is explained while pods change and queries run. Prints one line of JSON.
    """

  /// The options of a command line; nil if it is none.
  init?(_ arguments: [String]) {
    var rest = arguments[...]
    while let name = rest.popFirst() {
      guard name != "--" else {
        command = Array(rest)
        break
      }
      guard let value = rest.popFirst() else { return nil }
      switch (name, Int(value)) {
      case ("--kubeconfig", _): kubeconfig = value
      case ("--pods", let number?): pods = number
      case ("--namespaces", let number?): namespaces = number
      case ("--rate", let number?): rate = number
      case ("--seconds", let number?): seconds = number
      case ("--queries", let number?): queries = number
      case ("--lags", let number?): lags = number
      case ("--dns", let number?): dnsPort = UInt16(exactly: number) ?? 0
      default: return nil
      }
    }
    guard dnsPort > 0, !kubeconfig.isEmpty, !command.isEmpty, pods > 0, namespaces > 0 else { return nil }
  }
}
