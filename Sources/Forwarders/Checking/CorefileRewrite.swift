/// One rule of the `rewrite` plugin.
struct CorefileRewrite {
  /// An EDNS option that a rule can change.
  enum Option: Hashable, CustomStringConvertible {
    case local(UInt16)
    case subnet
    case nsid

    /// As it is written in a Corefile.
    var description: String {
      switch self {
      case .local(let code): "local 0x\(String(code, radix: 16))"
      case .subnet: "subnet"
      case .nsid: "nsid"
      }
    }

    /// The words that take it away.
    var unsetWords: String {
      switch self {
      case .local: "local unset \(description.dropFirst(6))"
      case .subnet, .nsid: "\(self) unset"
      }
    }
  }

  /// What the rule does.
  enum Action {
    /// Sets the option anew. `value` is a variable in braces or text; nil for a subnet and NSID.
    case set(Option, value: String?)
    /// Takes it away.
    case unset(Option)
    /// `append` or `replace`: not what makes a client's own option go.
    case other(Option)
    /// Changes the question or the answer: `name`, `type`, `class`, `ttl`, `cname`, `rcode`.
    case field(String)
  }

  var directive: Corefile.Directive
  var action: Action
  /// Whether the rules after it are met too once it has matched.
  var goesOn = false
  /// Whether the answer gets the client's own options back.
  var reverts = false
  /// The prefix lengths of a subnet.
  var prefixes: (v4: Int, v6: Int)?

  /// Whether it matches every query; `unset` does even where there is nothing to take away.
  var matchesAll: Bool {
    switch action {
    case .unset: true
    case .set: !isFromMetadata
    case .other, .field: false
    }
  }

  /// Whether it sets what another plugin knows of a client, which may be nothing: then the rule is passed over.
  var isFromMetadata: Bool {
    guard case .set(_, let value?) = action else { return false }
    return value.hasPrefix("{") && value.contains("/")
  }

  /// The option that the rule takes away or sets anew.
  var option: Option? {
    switch action {
    case .set(let option, _), .unset(let option): option
    case .other, .field: nil
    }
  }

  /// Whether it says who asked.
  var setsIdentity: Bool {
    guard case .set(let option, let value) = action else { return false }
    return option == .subnet || value == "{client_ip}" || value == "{kubernetes/client-namespace}"
  }

  /// Whether it takes an option away.
  var takesAway: Bool {
    if case .unset = action { true } else { false }
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
    action = .field(field)
    if field == "edns0" {
      try readOption(Array(words.dropFirst()))
    } else if !["name", "type", "class", "ttl", "cname", "rcode", "answer"].contains(field) {
      throw CorefileFault(place: directive.name.place, problem: "'\(field.prefix(40))' is no field of a rule")
    }
  }

  /// Reads what stands after `edns0`.
  private mutating func readOption(_ words: [String]) throws(CorefileFault) {
    let usage =
      "write 'edns0 local set CODE VALUE', 'edns0 local unset CODE', 'edns0 subnet set 32 128' or "
      + "'edns0 subnet unset'; 'revert' stands last, in lower case, and never with 'unset'"
    let fault = CorefileFault(place: directive.name.place, problem: "CoreDNS does not take this rule; \(usage)")
    guard words.count >= 2 else { throw fault }
    let verb = words[1].lowercased()
    guard ["set", "unset", "append", "replace"].contains(verb) else { throw fault }
    var arguments = words.dropFirst(2)
    if arguments.last == "revert", verb != "unset" {
      reverts = true
      arguments.removeLast()
    }
    guard let option = readOption(words[0].lowercased(), verb, Array(arguments)) else { throw fault }
    switch verb {
    case "set": action = .set(option, value: prefixes == nil ? arguments.dropFirst().first : nil)
    case "unset": action = .unset(option)
    default: action = .other(option)
    }
  }

  /// Reads the option and what it is set to; nil if CoreDNS would not take it.
  private mutating func readOption(_ name: String, _ verb: String, _ arguments: [String]) -> Option? {
    switch (name, verb, arguments.count) {
    case ("local", "unset", 1), ("local", "set", 2), ("local", "append", 2), ("local", "replace", 2):
      return Self.number(arguments[0]).map { .local($0) }
    case ("subnet", "set", 2), ("subnet", "append", 2), ("subnet", "replace", 2):
      guard let v4 = Int(arguments[0]), let v6 = Int(arguments[1]), (0...32).contains(v4), (0...128).contains(v6)
      else { return nil }
      prefixes = (v4, v6)
      return .subnet
    case ("subnet", "unset", 0): return .subnet
    case ("nsid", _, 0): return .nsid
    default: return nil
    }
  }

  /// An option code, decimal, octal or hexadecimal as Go writes numbers.
  private static func number(_ text: String) -> UInt16? {
    let text = text.lowercased()
    if text.hasPrefix("0x") { return UInt16(text.dropFirst(2), radix: 16) }
    return text.hasPrefix("0") && text.count > 1 ? UInt16(text.dropFirst(), radix: 8) : UInt16(text)
  }
}
