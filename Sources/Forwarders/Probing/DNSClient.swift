import DNSWire
import Glibc

/// A stub resolver over blocking sockets: one question, one socket, one answer, within a deadline.
///
/// The kernel picks a random source port for each question, the client a random ID; an answer is taken only from the
/// server asked, with that ID and that question. A UDP question without an answer is put once more.
public struct DNSClient: DNSAsking, Sendable {
  /// The longest time for one answer, in milliseconds.
  public static let maximumTimeout = 30_000

  private let timeout: Int

  /// A client that waits for `timeout` seconds, at least 0.01 and at most 30, for each answer.
  public init(timeout: Double) {
    let bounded = timeout.isFinite ? min(max(timeout, 0.01), Double(Self.maximumTimeout) / 1000) : 2
    self.timeout = Int(bounded * 1000)
  }

  /// Asks; over UDP at most twice.
  public func ask(_ query: DNSQuery) -> DNSOutcome {
    let outcome = askOnce(query)
    guard case .timeout = outcome, query.transport == .udp else { return outcome }
    return askOnce(query)
  }

  private func askOnce(_ query: DNSQuery) -> DNSOutcome {
    do throws(Fault) {
      let socket = try ProbeSocket(to: query.server, from: query.source, query.transport, milliseconds: timeout)
      let id = UInt16.random(in: .min ... .max)
      let message = query.message(id: id)
      try socket.send(message)
      while true {
        let octets = try socket.receive()
        // What answers another question is somebody's guess, or late: the deadline goes on.
        guard Self.isAnswer(octets, to: message, of: query.name) else {
          if query.transport == .tcp { throw .failure("answered another question") }
          continue
        }
        guard let response = Response(octets) else { throw .failure("answered with a malformed message") }
        guard let local = socket.localAddress else { throw .failure("has no local address") }
        return .answer(DNSAnswer(response: response, size: octets.count, localAddress: local))
      }
    } catch {
      switch error {
      case .timeout: return .timeout
      case .failure(let reason): return .failure(reason)
      }
    }
  }

  /// Whether `octets` is a response with the ID and the question of `query`; errors may come without a question.
  static func isAnswer(_ octets: [UInt8], to query: [UInt8], of name: DomainName) -> Bool {
    guard octets.count >= Header.size, octets.starts(with: query[0..<2]), octets[2] & 0x80 != 0 else { return false }
    if octets[4..<6].elementsEqual([0, 0]) { return octets[3] & 0xF != 0 }
    let question = query.dropFirst(Header.size).prefix(name.wire.count + 4)
    return octets[4..<6].elementsEqual([0, 1])
      && octets.dropFirst(Header.size).prefix(question.count).elementsEqual(question) {
        $0.asciiLowercased == $1.asciiLowercased
      }
  }

  /// Why there is no answer.
  enum Fault: Error {
    case timeout
    case failure(String)
  }
}
