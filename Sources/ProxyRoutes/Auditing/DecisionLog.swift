public import Steering
import Synchronization

/// The connect log: one line of JSON for each decision about a connection.
public final class DecisionLog: DecisionRecording {
  /// How many characters of what a client wrote are kept; no host name or method has as many.
  static let textLimit = 512

  /// What policies in Report mode would have denied, gathered until it is logged.
  public let reports = ReportLog()
  private let lines: (any LineSink)?
  private let answers: Mutex<RecentAnswers?>

  /// A log that hands its lines to `lines`, if there is any, and names the query of `answers` that a connection followed.
  public init(to lines: (any LineSink)?, answers: RecentAnswers? = nil) {
    self.lines = lines
    self.answers = Mutex(answers)
  }

  /// Names the queries of `answers` from now on: the proxies decide before the first query is answered.
  public func follow(_ answers: RecentAnswers?) {
    self.answers.withLock { $0 = answers }
  }

  /// Adds the line of a decision.
  ///
  /// `time`, `client`, `clientPort`, `listenerPort`, `method`, `host`, `port`, `isCut` (if what the client wrote was too
  /// long), `identity`, `namespace`, `pod`, `serviceAccount`, `route`, `verdict`, `reason`, `rule`, `reportedRule`,
  /// `query` (the last answer with the route's addresses: `time`, `name`, `ageMilliseconds`), `generation`. What is not
  /// known is left out.
  public func record(_ request: ProxyRequest, _ decision: ProxyDecision, in snapshot: Snapshot) {
    let route = decision.route.map { snapshot.routes[$0].name }
    if decision.reason == .reportMode, let route { reports.add(Report(client: request.client, route: route)) }
    guard let lines else { return }
    let now = LogTime.milliseconds()
    var line = JSONLine()
    line.add("time", text: LogTime.text(ofMilliseconds: now))
    line.add("client", text: request.client.description)
    line.add("clientPort", number: request.clientPort)
    line.add("listenerPort", number: request.listenerPort)
    let host = Self.cut(request.destination.text)
    let method = Self.cut(request.method)
    line.add("method", text: method.text)
    line.add("host", text: host.text)
    line.add("port", number: request.destination.port)
    if method.isCut || host.isCut { line.add("isCut", flag: true) }
    line.add("identity", text: decision.identity)
    if let namespace = decision.namespace { line.add("namespace", text: namespace) }
    if let pod = decision.pod { line.add("pod", text: pod) }
    if let serviceAccount = decision.serviceAccount { line.add("serviceAccount", text: serviceAccount) }
    if let route { line.add("route", text: route) }
    line.add("verdict", text: decision.isAllowed ? "Allow" : "Deny")
    line.add("reason", text: decision.reason.rawValue)
    if let rule = decision.rule { line.add("rule", text: rule) }
    if let reportedRule = decision.reportedRule { line.add("reportedRule", text: reportedRule) }
    if let answer = answers.withLock({ $0 })?.latest(request.client, listenerPort: request.listenerPort) {
      line.addObject("query") { line in
        line.add("time", text: LogTime.text(ofMilliseconds: answer.milliseconds))
        line.add("name", text: answer.name)
        // The clock may have been set back since.
        line.add("ageMilliseconds", number: now >= answer.milliseconds ? now - answer.milliseconds : 0)
      }
    }
    line.add("generation", text: snapshot.generation.description)
    lines.add(line.finish())
  }

  /// As much of a text as is kept, and whether that is not all of it.
  private static func cut(_ text: String) -> (text: String, isCut: Bool) {
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: textLimit, limitedBy: scalars.endIndex),
      end != scalars.endIndex
    else { return (text, false) }
    return (String(scalars[..<end]), true)
  }
}
