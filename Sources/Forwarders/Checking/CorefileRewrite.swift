/// One rule of the `rewrite` plugin.
struct CorefileRewrite {
  /// An EDNS option that a rule can change.
  enum Option: Hashable, CustomStringConvertible {
    case local(UInt16)
    case subnet

    /// As it is written in a Corefile.
    var description: String {
      switch self {
      case .local(let code): "local 0x\(String(code, radix: 16))"
      case .subnet: "subnet"
      }
    }
  }

  /// What the rule does.
  enum Action {
    /// Sets the option anew. `value` is a variable in braces or text; nil for a subnet.
    case set(Option, value: String?)
    /// Takes it away.
    case unset(Option)
    /// `append` or `replace`: not what makes a client's own option go.
    case other(Option)
    /// Changes the question or the answer: `name`, `type`, `class`, `ttl`, `cname`, `rcode`.
    case field(String)
    /// Changes nothing about who asked.
    case nothing
  }

  var directive: Corefile.Directive
  var action = Action.nothing
  /// Whether the rules after it are met too once it has matched.
  var goesOn = false
  /// Whether the answer gets the client's own options back.
  var reverts = false
  /// The prefix lengths of a subnet.
  var prefixes: (v4: Int, v6: Int)?

  /// Whether it matches every query.
  var matchesAll: Bool {
    switch action {
    case .set(_, let value): value?.hasPrefix("{kubernetes/") != true
    default: false
    }
  }

  /// Reads a rule; throws if CoreDNS would not take it.
  init(_ directive: Corefile.Directive) throws(CorefileFault) {
    self.directive = directive
    var words = directive.arguments.map(\.text)
    if let mode = words.first?.lowercased(), mode == "continue" || mode == "stop" {
      goesOn = mode == "continue"
      words.removeFirst()
    }
    if words.isEmpty, let inner = directive.block.first { words = inner.words.map(\.text) }
    guard let field = words.first?.lowercased() else {
      throw CorefileFault(place: directive.name.place, problem: "the rule says nothing; write FIELD and what to do")
    }
    guard field == "edns0" else {
      guard ["name", "type", "class", "ttl", "cname", "rcode", "answer"].contains(field) else {
        throw CorefileFault(place: directive.name.place, problem: "'\(field.prefix(40))' is no field of a rule")
      }
      action = .field(field)
      return
    }
    words.removeFirst()
    if words.last?.lowercased() == "revert" {
      reverts = true
      words.removeLast()
    }
    try read(words)
  }

  /// Reads what stands after `edns0`, without `revert`.
  private mutating func read(_ words: [String]) throws(CorefileFault) {
    let usage =
      "write 'edns0 local set CODE VALUE', 'edns0 local unset CODE', 'edns0 subnet set 32 128' or "
      + "'edns0 subnet unset'"
    let fault = CorefileFault(place: directive.name.place, problem: "CoreDNS does not take this rule; \(usage)")
    guard words.count >= 2 else { throw fault }
    let verb = words[1].lowercased()
    guard ["set", "unset", "append", "replace"].contains(verb) else { throw fault }
    let option: Option
    switch words[0].lowercased() {
    case "local":
      guard words.count == (verb == "unset" ? 3 : 4), let code = Self.number(words[2]) else { throw fault }
      option = .local(code)
    case "subnet":
      guard words.count == (verb == "unset" ? 2 : 4) else { throw fault }
      option = .subnet
      if words.count == 4 {
        guard let v4 = Int(words[2]), let v6 = Int(words[3]), (0...32).contains(v4), (0...128).contains(v6) else {
          throw fault
        }
        prefixes = (v4, v6)
      }
    case "nsid": return
    default: throw fault
    }
    switch verb {
    case "set": action = .set(option, value: words.count == 4 && option != .subnet ? words[3] : nil)
    case "unset": action = .unset(option)
    default: action = .other(option)
    }
  }

  /// An option code, decimal, octal or hexadecimal as Go writes numbers.
  private static func number(_ text: String) -> UInt16? {
    let text = text.lowercased()
    if text.hasPrefix("0x") { return UInt16(text.dropFirst(2), radix: 16) }
    return text.hasPrefix("0") && text.count > 1 ? UInt16(text.dropFirst(), radix: 8) : UInt16(text)
  }
}
