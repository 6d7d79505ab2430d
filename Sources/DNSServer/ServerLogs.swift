public import Steering

/// What a server writes down besides counting.
public struct ServerLogs: Sendable {
  /// What policies in Report mode would have denied.
  public let reports = ReportLog()
  /// What became of zone transfers and signatures.
  public let transfers = TransferLog()
  /// Every query, if that is wanted.
  public let queries: LineLog?
  /// Whether it is kept which names were last answered with a route's addresses.
  let keepsRecentAnswers: Bool
}
