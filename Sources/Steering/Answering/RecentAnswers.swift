public import DNSWire

/// An answer that had a route's addresses.
public struct RecentAnswer: Hashable, Sendable {
  /// When it was given, in milliseconds since 1970.
  public let milliseconds: UInt64
  /// The name that was asked for, as the query log has it.
  public let name: String
}

extension RecentAnswer {
  /// An answer for a name in wire format.
  init(milliseconds: UInt64, wire: [UInt8]) {
    self.milliseconds = milliseconds
    var text: [UInt8] = []
    var position = 0
    while position < wire.count, wire[position] > 0 {
      let label = wire[(position + 1)...].prefix(Int(wire[position]))
      text += label.map { QueryTrace.isLoggedAsItIs($0) ? $0 : 0x3F }
      text.append(0x2E)
      position += label.count + 1
    }
    name = String(decoding: text, as: UTF8.self)
  }
}

/// The answers that all threads of a server gave of late: what a connection to a proxy followed.
public struct RecentAnswers: Sendable {
  private let tables: [RecentAnswerTable]

  /// The answers in the tables of several threads.
  public init(_ tables: [RecentAnswerTable]) {
    self.tables = tables
  }

  /// The last answer to a client with the addresses behind a listener port; nil if none is known, or no longer.
  public func latest(_ client: IPAddress, listenerPort: UInt16) -> RecentAnswer? {
    tables.compactMap { $0.latest(client, listenerPort: listenerPort) }.max { $0.milliseconds < $1.milliseconds }
  }
}
