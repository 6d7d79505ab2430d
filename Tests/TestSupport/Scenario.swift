public import DNSWire
import Foundation

/// A text file of steps: a policy, then who asks what, and what must come of it.
///
/// Lines of a scenario:
///
///     policy FOLDER          a folder of documents beside the scenario; may be repeated
///     file NAME … end        a document of the scenario's own
///     pods unsynchronized    the pods are not known completely
///     listener NAMESPACE     every query comes to a listener that is bound to the namespace's view
///     step WHAT HOLDS        starts a step
///     from ADDRESS           who asks
///     ask NAME TYPE [noedns] [size=N] [do] [nsid] [version=N] [class=N] [option=CODE:HEX]… [proxy=HEX] [over=udp|tcp]
///     packet HEX             a query as it was recorded, in place of one that is made
///     expect RCODE [aa] [tc] [rd] [ede=N] [subnet=HEX]
///     answer|authority|additional RECORD    one record of a section, `*` for any text; the section has no other
///     count KIND[=N] …       every counter that changes, and by how much, besides what was received
public struct Scenario: Sendable {
  /// One question and what must come of it.
  public struct Step: Sendable {
    public var title: String
    public var line: Int
    public var client = IPAddress(v4: 0x7F00_0001)
    public var query = WireQuery("", .a)
    /// A message that is sent as it is, instead of `query`.
    public var packet: [UInt8]?
    /// What goes before the message.
    public var proxyHeader: [UInt8] = []
    /// The data of the Client Subnet option that the answer must have; it must have none if nil.
    public var clientSubnet: [UInt8]?
    /// `udp` or `tcp` if the step holds for one of them only.
    public var transport: String?
    public var rcode: ResponseCode?
    public var flags: Set<String> = []
    public var extendedError: UInt16?
    public var sections: [String: [String]] = [:]
    public var counts: [String: UInt64]?
  }

  /// A fault of the file itself.
  public struct Fault: Error, CustomStringConvertible {
    public let description: String
  }

  public var policies: [String] = []
  public var files: [String: String] = [:]
  public var podsAreSynchronized = true
  /// The namespace that the listener is bound to.
  public var listenerNamespace: String?
  public var steps: [Step] = []

  /// Reads a scenario.
  public init(_ text: String) throws {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().makeIterator()
    while let (index, line) = lines.next() {
      let words = line.split(separator: " ").map(String.init)
      guard let keyword = words.first, !keyword.hasPrefix("#") else { continue }
      let rest = line.dropFirst(keyword.count).trimmingCharacters(in: .whitespaces)
      switch keyword {
      case "policy": policies.append(rest)
      case "pods": podsAreSynchronized = rest != "unsynchronized"
      case "listener": listenerNamespace = rest
      case "file":
        var content = ""
        while let (_, line) = lines.next(), line != "end" { content += line + "\n" }
        files[rest] = content
      case "step": steps.append(Step(title: rest, line: index + 1))
      default:
        guard !steps.isEmpty else { throw Fault(description: "line \(index + 1): '\(keyword)' before a step") }
        try steps[steps.count - 1].read(keyword, Array(words.dropFirst()), rest, line: index + 1)
      }
    }
  }
}

extension Scenario.Step {
  fileprivate mutating func read(_ keyword: String, _ words: [String], _ rest: String, line: Int) throws {
    let fault = Scenario.Fault(description: "line \(line): cannot read '\(keyword) \(rest)'")
    switch keyword {
    case "from":
      guard let address = IPAddress(rest) else { throw fault }
      client = address
    case "ask":
      guard words.count >= 2, let type = RecordType(words[1]) else { throw fault }
      query = WireQuery(words[0], type)
      for option in words.dropFirst(2) { try read(option: option, fault) }
    case "packet":
      guard let octets = [UInt8](hexadecimal: rest) else { throw fault }
      packet = octets
    case "expect":
      guard let rcode = words.first.flatMap(ResponseCode.init(mnemonic:)) else { throw fault }
      self.rcode = rcode
      for word in words.dropFirst() {
        if word.hasPrefix("ede=") {
          extendedError = UInt16(word.dropFirst(4))
        } else if word.hasPrefix("subnet=") {
          clientSubnet = [UInt8](hexadecimal: String(word.dropFirst(7)))
        } else {
          flags.insert(word)
        }
      }
    case "answer", "authority", "additional": sections[keyword, default: []].append(rest)
    case "count":
      for word in words {
        let parts = word.split(separator: "=")
        counts = counts ?? [:]
        counts?[String(parts[0])] = parts.count == 2 ? UInt64(parts[1]) : 1
      }
      counts = counts ?? [:]
    default: throw fault
    }
  }

  private mutating func read(option: String, _ fault: Scenario.Fault) throws {
    let parts = option.split(separator: "=").map(String.init)
    let number = parts.count == 2 ? UInt16(parts[1]) : nil
    switch (parts[0], number) {
    case ("noedns", nil): query.edns = nil
    case ("do", nil): query.edns?.dnssecOK = true
    case ("nsid", nil): query.edns?.options += [0, 3, 0, 0]
    case ("unknown-option", nil): query.edns?.options += [0xFF, 0xEE, 0, 4, 10, 8, 1, 5]
    case ("option", nil) where parts.count == 2:
      let option = parts[1].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard option.count == 2, let code = UInt16(option[0]), let data = [UInt8](hexadecimal: option[1]) else {
        throw fault
      }
      query.edns?.addOption(code, data)
    case ("proxy", _) where parts.count == 2:
      guard let octets = [UInt8](hexadecimal: parts[1]) else { throw fault }
      proxyHeader = octets
    case ("size", let size?): query.edns?.payloadSize = size
    case ("version", let version?): query.edns?.version = UInt8(truncatingIfNeeded: version)
    case ("class", let recordClass?): query.recordClass = recordClass
    case ("over", nil) where parts.count == 2: transport = parts[1]
    default: throw fault
    }
  }
}

extension [UInt8] {
  /// Reads hexadecimal digits, two for each octet; nil for anything else.
  public init?(hexadecimal text: String) {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
    self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
