import ArgumentParser
import DNSWire

/// Reads what the commands about forwarders take as arguments.
enum ForwarderArgument {
  /// One of a few words.
  static func choice<Choice: RawRepresentable<String> & CaseIterable>(_ text: String) throws -> Choice {
    if let choice = Choice(rawValue: text) { return choice }
    throw ValidationError(
      "'\(text)' is none of \(Choice.allCases.map(\.rawValue).joined(separator: ", ")).")
  }

  /// `ADDR` or `ADDR:PORT`; port 53 if none is written.
  static func endpoint(_ text: String) throws -> Endpoint {
    if let endpoint = Endpoint(text), endpoint.port != 0 { return endpoint }
    if let address = IPAddress(text) { return Endpoint(address: address, port: 53) }
    throw ValidationError("'\(text)' is not ADDR or ADDR:PORT; write 10.96.77.10 or [fd00::1]:53.")
  }

  /// An address.
  static func address(_ text: String) throws -> IPAddress {
    if let address = IPAddress(text) { return address }
    throw ValidationError("'\(text)' is not an address.")
  }

  /// A domain name.
  static func zone(_ text: String) throws -> DomainName {
    do {
      return try DomainName(text)
    } catch {
      throw ValidationError("'\(text)' is not a domain name: \(error)")
    }
  }
}
