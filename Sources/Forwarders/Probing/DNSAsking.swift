public import DNSWire

/// Someone who puts a question to a resolver and waits for the answer, within bounds of its own.
public protocol DNSAsking {
  /// Asks, and says what came of it.
  func ask(_ query: DNSQuery) -> DNSOutcome
}

/// What came of a question.
public enum DNSOutcome: Sendable {
  /// An answer to this very question.
  case answer(DNSAnswer)
  /// Nothing in time.
  case timeout
  /// The question could not be put, or the answer not be read; why, in words.
  case failure(String)
}

/// An answer and how it came.
public struct DNSAnswer: Sendable {
  /// The response.
  public var response: Response
  /// Its size in octets.
  public var size: Int
  /// The local address that the question left from.
  public var localAddress: IPAddress

  /// An answer that reached `localAddress`.
  public init(response: Response, size: Int, localAddress: IPAddress) {
    self.response = response
    self.size = size
    self.localAddress = localAddress
  }

  /// Whether the answer is cut short (TC).
  public var isTruncated: Bool { response.flags.contains(.truncated) }
}
