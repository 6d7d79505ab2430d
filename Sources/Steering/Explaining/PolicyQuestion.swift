import DNSWire

/// A question about the policy in the words of who puts it: by a command, or over HTTP.
public struct PolicyQuestion: Equatable, Sendable {
  /// Why a question has no answer.
  public struct Fault: Error, CustomStringConvertible {
    /// Why, and what to write instead.
    public let description: String
  }

  /// Who asks: an address, `NAMESPACE`, `NAMESPACE/POD` or `system:serviceaccount:NAMESPACE:NAME`.
  public var from: String
  /// The name that is asked for.
  public var name: String?
  /// The record type.
  public var type = "A"
  /// The route whose proxy is asked.
  public var via: String?
  /// The destination that the proxy is asked for, `HOST:PORT`.
  public var connect: String?
  /// The HTTP method that the proxy is asked with.
  public var method = "CONNECT"
  /// A query as it was received, in hexadecimal digits; the client is its sender.
  public var packet: String?

  /// A question of a client, about what is to be filled in.
  public init(from: String) {
    self.from = from
  }

  /// The client.
  public var client: Client {
    get throws(Fault) {
      guard let client = Client(from) else {
        throw Fault(
          description: "'\(from)' is not a client: write an address, NAMESPACE, NAMESPACE/POD or "
            + "system:serviceaccount:NAMESPACE:NAME.")
      }
      return client
    }
  }
}

extension Snapshot {
  /// Explains what a question is about; throws if it cannot be understood, or is about who or what is not known.
  public func explain(_ question: PolicyQuestion) throws(PolicyQuestion.Fault) -> Explanation {
    if [question.name, question.connect, question.packet].count(where: { $0 != nil }) != 1 {
      throw PolicyQuestion.Fault(
        description: "Ask for a name, for a destination to connect to, or for a packet.")
    }
    if (question.via == nil) != (question.connect == nil) {
      throw PolicyQuestion.Fault(description: "A route and the destination to connect to via it go together.")
    }
    let client = try question.client
    let explanation: Explanation?
    if let packet = question.packet {
      explanation = try explain(packet: packet, from: client)
    } else if let via = question.via, let connect = question.connect {
      explanation = try explain(connect, via: via, question.method, for: client)
    } else {
      explanation = try explain(question.name ?? "", question.type, for: client)
    }
    guard let explanation else {
      throw PolicyQuestion.Fault(
        description: "There is no pod \(question.from) with an address of its own in the inventory.")
    }
    return explanation
  }

  private func explain(
    _ name: String, _ type: String, for client: Client
  ) throws(PolicyQuestion.Fault) -> Explanation? {
    guard let recordType = RecordType(type) else {
      throw PolicyQuestion.Fault(description: "'\(type)' is not a record type.")
    }
    do {
      return explain(try DomainName(name), recordType, for: client)
    } catch {
      throw PolicyQuestion.Fault(description: "'\(name)' is not a domain name: \(error)")
    }
  }

  private func explain(
    _ connect: String, via: String, _ method: String, for client: Client
  ) throws(PolicyQuestion.Fault) -> Explanation? {
    guard let route = routes.firstIndex(where: { $0.name == via }) else {
      let known = routes.map(\.name).joined(separator: ", ")
      throw PolicyQuestion.Fault(description: "There is no route '\(via)'; there are: \(known).")
    }
    guard let colon = connect.lastIndex(of: ":"), let port = UInt16(connect[connect.index(after: colon)...]) else {
      throw PolicyQuestion.Fault(description: "'\(connect)' is not HOST:PORT.")
    }
    let destination = Destination(host: String(connect[..<colon]), port: port)
    return explain(destination, via: route, method: method, for: client)
  }

  private func explain(packet: String, from client: Client) throws(PolicyQuestion.Fault) -> Explanation {
    guard case .address(let address) = client else {
      throw PolicyQuestion.Fault(description: "With a packet, --from is the address of the packet's sender.")
    }
    let digits = packet.compactMap { $0.isWhitespace || $0 == ":" ? nil : $0.hexDigitValue ?? -1 }
    let octets = stride(from: 0, to: digits.count - 1, by: 2).map { index in
      UInt8(truncatingIfNeeded: digits[index] << 4 | digits[index + 1])
    }
    guard digits.count == octets.count * 2, octets.count <= 65_535, !digits.contains(-1) else {
      throw PolicyQuestion.Fault(description: "A packet is hexadecimal digits, two for each octet.")
    }
    guard let explanation = explain(message: octets, from: address) else {
      throw PolicyQuestion.Fault(
        description: "The packet is not a query with one question: there is nothing to explain.")
    }
    return explanation
  }
}
