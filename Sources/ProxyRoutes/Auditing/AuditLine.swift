import DNSWire
import Steering

/// Whom the lines of both logs are about.
enum AuditSubject: Hashable {
  case pod(namespace: String, name: String)
  /// A client that is known by its address only.
  case address(String)
  /// Some client of a namespace, that a forwarder named without its address.
  case namespace(String)
  /// A client of whom the query log has nothing.
  case nobody
}

/// Why a line cannot be taken.
enum AuditFault: String, Error {
  case tooLong = "is longer than any line of a log"
  case notJSON = "is no JSON object"
  case incomplete = "lacks what every line of this log has"
  case time = "has a time that is none"
}

/// A line of the query log, as far as an audit needs it.
struct QueryLine {
  let milliseconds: UInt64
  let subject: AuditSubject
  /// Nil for a query that was not for a steered name.
  let route: String?
  /// Nil if the name was shown.
  let denial: String?
  /// Whether the answer had the route's addresses.
  let hasAddresses: Bool
}

/// A line of the connect log, as far as an audit needs it.
struct ConnectLine {
  let milliseconds: UInt64
  let subject: AuditSubject
  let client: String
  let route: String
  let isAllowed: Bool
  let reason: String
  let rule: String?
  let destination: String
  /// How old the last answer was that Steer itself knew of.
  let answerAge: UInt64?
}

/// What a log says with a line.
enum AuditLine<Line> {
  case line(Line)
  /// So many lines were dropped.
  case dropped(UInt64)
}

/// Reads the lines of one kind of log.
struct AuditLineReader {
  /// The members that are wanted of a line.
  private enum Key: Int, CaseIterable {
    case time, client, namespace, pod, route, verdict, reason, dropped, rcode, addresses, host, port, listenerPort,
      rule
    case query
  }

  private var members = JSONMembers(Key.allCases.map { "\($0)" })
  private var answer = JSONMembers(["ageMilliseconds"])
  private var octets: [UInt8] = []

  /// Reads a line of the query log.
  mutating func query(_ octets: [UInt8], _ range: Range<Int>) throws(AuditFault) -> AuditLine<QueryLine> {
    self.octets = octets
    defer { self.octets = [] }
    if let count = try dropped(range) { return .dropped(count) }
    let milliseconds = try time()
    guard text(.rcode) != nil else { throw .incomplete }
    var (route, denial): (String?, String?)
    // The route of a reverse name has no verdict.
    if let verdict = text(.verdict) {
      guard let name = text(.route), let reason = text(.reason) else { throw .incomplete }
      route = name
      denial = verdict == "Allow" ? nil : reason
    }
    return .line(
      QueryLine(
        milliseconds: milliseconds, subject: subject(), route: route, denial: denial,
        hasAddresses: value(.addresses) == .flag(true)))
  }

  /// Reads a line of the connect log.
  mutating func connect(_ octets: [UInt8], _ range: Range<Int>) throws(AuditFault) -> AuditLine<ConnectLine> {
    self.octets = octets
    defer { self.octets = [] }
    if let count = try dropped(range) { return .dropped(count) }
    let milliseconds = try time()
    guard let client = text(.client), let verdict = text(.verdict), let reason = text(.reason),
      let host = text(.host), let port = number(.port), let listener = number(.listenerPort)
    else { throw .incomplete }
    var age: UInt64?
    if case .composite(let range) = value(.query) {
      guard answer.read(octets, range), case .number(let digits) = answer.values[0],
        let number = UInt64(String(decoding: octets[digits], as: UTF8.self))
      else { throw .incomplete }
      age = number
    }
    return .line(
      ConnectLine(
        milliseconds: milliseconds, subject: subject(), client: client, route: text(.route) ?? "listener \(listener)",
        isAllowed: verdict == "Allow", reason: reason, rule: text(.rule), destination: "\(host):\(port)",
        answerAge: age))
  }

  /// Reads the line's members; returns how many lines were dropped, if that is what the line says.
  private mutating func dropped(_ range: Range<Int>) throws(AuditFault) -> UInt64? {
    guard members.read(octets, range) else { throw .notJSON }
    return number(.dropped)
  }

  private func time() throws(AuditFault) -> UInt64 {
    guard case .text(let range, _) = value(.time) else { throw .incomplete }
    guard let milliseconds = LogTime.milliseconds(of: octets[range]) else { throw .time }
    return milliseconds
  }

  private func subject() -> AuditSubject {
    let namespace = text(.namespace)
    if let namespace, let pod = text(.pod) { return .pod(namespace: namespace, name: pod) }
    // An address that is known says more than a namespace that many share.
    if let client = text(.client) { return .address(client) }
    return namespace.map { .namespace($0) } ?? .nobody
  }

  private func value(_ key: Key) -> JSONMembers.Value { members.values[key.rawValue] }

  private func text(_ key: Key) -> String? {
    guard case .text(let range, let hasEscapes) = value(key) else { return nil }
    return JSONText.decode(octets[range], hasEscapes: hasEscapes)
  }

  private func number(_ key: Key) -> UInt64? {
    guard case .number(let range) = value(key) else { return nil }
    return UInt64(String(decoding: octets[range], as: UTF8.self))
  }
}
