import DNSWire
public import Steering
import Synchronization

/// The connect log: one line of JSON for each decision about a connection.
public final class DecisionLog: DecisionRecording {
  /// How many characters of what a client wrote are kept; no host name or method has as many.
  static let textLimit = 512
  /// The reason of a denial of what cannot be read.
  private static let malformed = "malformed"

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
    if decision.reason == .reportMode, let route = decision.route {
      reports.add(Report(client: request.client, route: snapshot.routes[route].name))
    }
    write(request, decision, reason: nil, in: snapshot)
  }

  /// Adds the line of a request that cannot be read, as far as it can: its `reason` is `malformed`, and `method` and `host`
  /// are escaped as Squid wrote them.
  ///
  /// If not even the client can be read, the line is all there is: `time`, `verdict`, `reason`, `line`.
  public func recordMalformed(_ line: [UInt8], in snapshot: Snapshot) {
    let fields = line.split(separator: 0x20, maxSplits: 7, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard fields.count > 3, let client = IPAddress(fields[1]), let clientPort = UInt16(fields[2]),
      let listenerPort = UInt16(fields[3])
    else {
      var whole = JSONLine()
      whole.add("time", text: LogTime.text())
      whole.add("verdict", text: "Deny")
      whole.add("reason", text: Self.malformed)
      whole.add("line", text: Self.cut(String(decoding: line, as: UTF8.self)).text)
      lines?.add(whole.finish())
      return
    }
    let request = ProxyRequest(
      client: client, clientPort: clientPort, listenerPort: listenerPort, method: fields.count > 4 ? fields[4] : "",
      destination: Destination(
        host: fields.count > 5 ? fields[5] : "", port: fields.count > 6 ? UInt16(fields[6]) ?? 0 : 0))
    // For who it is; what it may do has been decided.
    write(request, ProxyAuthorizer.decide(request, in: snapshot), reason: Self.malformed, in: snapshot)
  }

  /// Writes the line of a decision, or of a denial for another reason than it has.
  private func write(_ request: ProxyRequest, _ decision: ProxyDecision, reason: String?, in snapshot: Snapshot) {
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
    if let route = decision.route { line.add("route", text: snapshot.routes[route].name) }
    line.add("verdict", text: decision.isAllowed && reason == nil ? "Allow" : "Deny")
    line.add("reason", text: reason ?? decision.reason.rawValue)
    if reason == nil {
      if let rule = decision.rule { line.add("rule", text: rule) }
      if let reportedRule = decision.reportedRule { line.add("reportedRule", text: reportedRule) }
    }
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
