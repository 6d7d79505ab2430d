/// What `kubernetes-load` is told.
struct LoadOptions {
  var pods = 1000
  var namespaces = 20
  /// Routes beside the one that is always there, each with a policy and a Service of its own.
  var routes = 0
  /// How many changes are waited for one by one.
  var lags = 200
  /// How many times the Service of such a route gets another ClusterIP, which is waited for.
  var moves = 50
  /// How long pods change while questions run.
  var seconds = 120
  /// Changes a second.
  var rate = 500
  /// Questions a second.
  var queries = 2000
  /// The Steer that is measured, and its arguments.
  var command: [String] = []

  static let usage = """
    usage: kubernetes-load [--pods N] [--namespaces N] [--routes N] [--lags N] [--moves N]
           [--seconds N] [--rate N] [--queries N] -- COMMAND…
    Plays a Kubernetes API server with so many pods in so many namespaces, and starts COMMAND, a Steer that reads the
    kubeconfig {kubeconfig} and answers at 127.0.0.1:{port}. Measures how long it takes until it answers rightly, its
    memory, and how long each of LAGS changes of a pod takes to be answered, and, if there are ROUTES beside the one
    that is always there, each of MOVES changes of a ClusterIP. Then pods change at RATE a second for SECONDS while
    QUERIES a second are asked, and every answer is judged. Prints a line of JSON.
    """

  /// The options of a command line; nil if it is none.
  init?(_ arguments: [String]) {
    var rest = arguments[...]
    while let name = rest.popFirst(), name != "--" {
      guard let number = rest.popFirst().flatMap({ Int($0) }), number >= 0 else { return nil }
      switch name {
      case "--pods": pods = number
      case "--namespaces": namespaces = number
      case "--routes": routes = number
      case "--lags": lags = number
      case "--moves": moves = number
      case "--seconds": seconds = number
      case "--rate": rate = number
      case "--queries": queries = number
      default: return nil
      }
    }
    command = Array(rest)
    guard !command.isEmpty, pods > 0, namespaces > 0 else { return nil }
  }
}
