/// An answer as it once came from an API server.
public struct RecordedAnswer: Sendable {
  /// The HTTP status.
  public var status: Int
  /// The headers, in order.
  public var headers: [(name: String, value: String)]
  /// The body.
  public var body: [UInt8]
  /// Whether more might come after the body: the stream of a watch stays open.
  public var isEndless: Bool

  /// An answer of these parts.
  public init(status: Int = 200, headers: [(String, String)] = [], body: [UInt8], isEndless: Bool = false) {
    self.status = status
    self.headers = headers.map { (name: $0.0, value: $0.1) }
    self.body = body
    self.isEndless = isEndless
  }

  /// Why a recording cannot be read.
  public enum Fault: Error {
    /// It begins with `HTTP/` but not with a status and headers.
    case headersAreMalformed
  }

  /// A recording: a body alone, of a media type, or a body after the status line and headers that `curl -i` prints.
  public init(recording octets: [UInt8], contentType: String, isEndless: Bool = false) throws(Fault) {
    guard octets.starts(with: "HTTP/".utf8) else {
      self.init(headers: [("content-type", contentType)], body: octets, isEndless: isEndless)
      return
    }
    var rest = octets[...]
    guard let first = Self.line(&rest)?.split(separator: " "), first.count > 1, let status = Int(first[1]) else {
      throw .headersAreMalformed
    }
    var headers: [(String, String)] = []
    while let line = Self.line(&rest), !line.isEmpty {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw .headersAreMalformed }
      headers.append((String(parts[0]), String(parts[1].drop { $0 == " " })))
    }
    self.init(status: status, headers: headers, body: Array(rest), isEndless: isEndless)
  }

  private static func line(_ rest: inout ArraySlice<UInt8>) -> String? {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    var line = rest[..<end]
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    rest = rest[(end + 1)...]
    return String(decoding: line, as: UTF8.self)
  }
}
