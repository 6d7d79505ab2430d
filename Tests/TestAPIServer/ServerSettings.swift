/// How a server is, and what it keeps about itself.
struct ServerSettings: Sendable {
  /// How many requests are kept for tests to look at.
  static let maximumRequests = 10_000

  /// Who may do what.
  var access: Access
  /// Resources that no CustomResourceDefinition made yet.
  var absent: Set<APIResource> = []
  /// Whether a watch may begin with all objects.
  var supportsWatchList = true
  /// How often a watch hears that it knows all; a real server says so once a minute.
  var bookmarkMilliseconds: Int64 = 1000
  /// By how many seconds the server's clock is ahead.
  var clockSkew: Int64 = 0
  /// What goes wrong.
  var faults: [PlannedFault] = []
  /// What was asked.
  var requests: [AnsweredRequest] = []
}
