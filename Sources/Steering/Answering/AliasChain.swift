import DNSWire

/// The CNAMEs in an answer, a DNAME's own among them: where each leads, so that a loop ends where it closes.
struct AliasChain: ~Copyable {
  /// The most names that a chain leads to.
  static let limit = 16

  /// Where the names stand in the message; the first is the question's.
  private var places = InlineArray<17, Int>(repeating: ResponseWriter.questionNameOffset)
  private var count = 0
  /// The nodes whose DNAMEs are in the answer.
  private var nodes = InlineArray<16, Int>(repeating: 0)
  private var nodeCount = 0

  /// Goes on to the name that stands at `place`; false if the chain was there before, or is too long.
  mutating func extend(
    to name: borrowing QuestionName, at place: Int, _ message: borrowing MutableSpan<UInt8>
  ) -> Bool {
    guard count < Self.limit else { return false }
    for index in 0...count where Self.matches(name, at: places[index], message) { return false }
    count += 1
    places[count] = place
    return true
  }

  /// Notes that the DNAME at a node goes into the answer; false if it is there already.
  mutating func visit(_ node: Int) -> Bool {
    guard nodeCount < nodes.count else { return false }
    for index in 0..<nodeCount where nodes[index] == node { return false }
    nodes[nodeCount] = node
    nodeCount += 1
    return true
  }

  /// Whether the uncompressed name at `place` is `name`, whatever its case (RFC 4343).
  private static func matches(
    _ name: borrowing QuestionName, at place: Int, _ message: borrowing MutableSpan<UInt8>
  ) -> Bool {
    guard place + name.length <= message.count else { return false }
    for index in 0..<name.length where message[place + index].asciiLowercased != name[index] { return false }
    return true
  }
}
