import DNSWire
import Steering

/// A line in which Squid asks its external ACL helper, without the line's end.
///
/// Layout: `CHANNEL CLIENT CLIENTPORT LISTENERPORT METHOD HOST PORT [-]`, one space between fields. Squid writes an octet
/// of a value that is not plain as `%XX`, but a percent sign as it is; the value is what remains after reading that once.
struct HelperQuery {
  /// The longest line, in octets; Squid's own buffer for one has 8192.
  static let maximumLength = 8192
  /// The longest host, in octets; Squid takes none longer than 256.
  static let maximumHostLength = 1024
  /// The longest method, in octets.
  static let maximumMethodLength = 64

  /// What is asked.
  let request: ProxyRequest

  /// The channel that a line starts with, which its answer must repeat; nil if there is none to answer on.
  static func channel(of line: some Collection<UInt8>) -> UInt64? {
    let digits = line.prefix { $0 != 0x20 }
    guard digits.count < line.count else { return nil }
    return decimal(digits, atMost: UInt64(Int64.max))
  }

  /// Reads a line.
  ///
  /// Whatever a policy could not allow is told apart here only if it cannot be read at all: a host that is no name is a
  /// destination like others, which no route has.
  init(_ line: some Collection<UInt8>) throws(HelperQueryError) {
    guard line.count <= Self.maximumLength else { throw .tooLong }
    var fields = line.split(separator: 0x20, omittingEmptySubsequences: false)
    // What a rule of Squid hands to the helper besides, which is nothing.
    if fields.count == 8, fields[7].elementsEqual([0x2D]) { fields.removeLast() }
    guard fields.count == 7 else { throw .fields }
    guard Self.channel(of: line) != nil else { throw .channel }
    guard let client = IPAddress(try Self.text(fields[1], atMost: 64)) else { throw .address }
    guard let clientPort = Self.port(fields[2]), let listenerPort = Self.port(fields[3]),
      let port = Self.port(fields[6])
    else { throw .port }
    request = ProxyRequest(
      client: client, clientPort: clientPort, listenerPort: listenerPort,
      method: try Self.text(fields[4], atMost: Self.maximumMethodLength),
      destination: Destination(host: try Self.text(fields[5], atMost: Self.maximumHostLength), port: port))
  }

  private static func port(_ field: some Collection<UInt8>) -> UInt16? {
    decimal(field, atMost: UInt64(UInt16.max)).map { UInt16(truncatingIfNeeded: $0) }
  }

  /// A number as programs write it: no sign, no leading zero.
  private static func decimal(_ field: some Collection<UInt8>, atMost limit: UInt64) -> UInt64? {
    guard let first = field.first, first != 0x30 || field.count == 1, field.count <= 19 else { return nil }
    var number: UInt64 = 0
    for octet in field {
      guard octet.isASCIIDigit else { return nil }
      number = number * 10 + UInt64(octet - 0x30)
    }
    return number <= limit ? number : nil
  }

  /// The text of a field: not empty, no control characters, no spaces.
  ///
  /// A letter, digit, dot or hyphen that is escaped is refused. Squid never escapes them, and passes a client's own
  /// percent sign on: such an escape is the client's, and stays in the name that Squid would look for.
  private static func text(_ field: some Collection<UInt8>, atMost limit: Int) throws(HelperQueryError) -> String {
    guard !field.isEmpty else { throw .fields }
    var octets: [UInt8] = []
    var position = field.startIndex
    while position != field.endIndex {
      var octet = field[position]
      position = field.index(after: position)
      if octet == 0x25 {
        guard let high = hexadecimal(field, &position), let low = hexadecimal(field, &position) else {
          throw .encoding
        }
        octet = high << 4 | low
        let isPlain =
          octet.isASCIIDigit || octet.asciiLowercased.isASCIILowercaseLetter || octet == 0x2D || octet == 0x2E
        if isPlain { throw .encoding }
      }
      guard octet > 0x20, octet != 0x7F else { throw .encoding }
      octets.append(octet)
    }
    guard octets.count <= limit else { throw .tooLong }
    guard let text = String(validating: octets, as: UTF8.self) else { throw .encoding }
    return text
  }

  private static func hexadecimal<Field: Collection<UInt8>>(_ field: Field, _ position: inout Field.Index) -> UInt8? {
    guard position != field.endIndex else { return nil }
    defer { position = field.index(after: position) }
    switch field[position] {
    case let octet where octet.isASCIIDigit: return octet - 0x30
    case let octet where (0x61...0x66).contains(octet.asciiLowercased): return octet.asciiLowercased - 0x61 + 10
    default: return nil
    }
  }
}

/// Why a line is not a question.
enum HelperQueryError: Error, Equatable {
  /// The line, or a value, is longer than it may be.
  case tooLong
  /// It does not have its seven fields, or one is empty.
  case fields
  /// The channel is no number.
  case channel
  /// A value has a control character, a space, an escape that is none or needs not be, or is not UTF-8.
  case encoding
  /// The client's address is none.
  case address
  /// A port is none.
  case port
}
