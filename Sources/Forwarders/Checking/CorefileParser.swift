/// Words → server blocks.
struct CorefileParser {
  /// How deep blocks may stand in one another; CoreDNS's own plugins use two levels.
  static let depthLimit = 16
  /// How many zones all server blocks may have together.
  static let keyLimit = 500
  /// How many directives snippets may be expanded to.
  static let expansionLimit = 10_000

  private let tokens: [CorefileLexer.Token]
  private var index = 0
  private var snippets: [String: [Corefile.Directive]] = [:]
  private var corefile = Corefile()
  private var expanded = 0
  private var keyCount = 0

  /// Parses a Corefile's text; throws the first fault.
  static func parse(_ text: String) throws(CorefileFault) -> Corefile {
    var parser = CorefileParser(tokens: try CorefileLexer.tokens(of: text))
    while parser.index < parser.tokens.count { try parser.parseBlock() }
    return parser.corefile
  }

  private init(tokens: [CorefileLexer.Token]) {
    self.tokens = tokens
  }

  private var current: CorefileLexer.Token? { index < tokens.count ? tokens[index] : nil }

  private func fault(_ problem: String, at word: Corefile.Word? = nil) -> CorefileFault {
    CorefileFault(
      place: word?.place ?? tokens.last?.word.place ?? Corefile.Place(line: 1, column: 1), problem: problem)
  }

  /// Reads a server block, a snippet or an `import` line.
  private mutating func parseBlock() throws(CorefileFault) {
    let words = try parseHeader()
    if words.first?.text == "import" {
      let directive = Corefile.Directive(name: words[0], arguments: Array(words.dropFirst()))
      guard let name = directive.arguments.first else { throw fault("'import' names nothing", at: words[0]) }
      guard snippets[name.text] == nil else {
        throw fault("a snippet stands for directives; import '\(name.text)' inside a server block", at: name)
      }
      corefile.fileImports.append(directive)
      return
    }
    guard let opening = current, opening.opens else {
      throw fault("'{' is expected after a server block's zones, on their line", at: words.last)
    }
    index += 1
    let directives = try parseDirectives(of: opening.word, depth: 1)
    if words.count == 1, let name = words.first?.text, name.hasPrefix("("), name.hasSuffix(")") {
      let name = String(name.dropFirst().dropLast())
      guard snippets[name] == nil else { throw fault("snippet '\(name)' is defined twice", at: words[0]) }
      snippets[name] = directives
      return
    }
    keyCount += words.count
    guard keyCount <= Self.keyLimit else {
      throw fault("there are more than \(Self.keyLimit) zones; split the file", at: words[0])
    }
    var keys: [Corefile.Key] = []
    for word in words { keys.append(try Corefile.Key(word)) }
    corefile.blocks.append(Corefile.Block(keys: keys, directives: directives))
  }

  /// Reads the words before a block's brace; after a comma they go on in the next line.
  private mutating func parseHeader() throws(CorefileFault) -> [Corefile.Word] {
    var words: [Corefile.Word] = []
    var goesOn = true
    while let token = current, !token.opens {
      if token.isFirst, !goesOn { break }
      if token.closes { throw fault("'}' closes nothing; remove it", at: token.word) }
      guard token.isQuoted || !token.word.text.hasSuffix("{") else {
        throw fault("put a space before '{'", at: token.word)
      }
      var word = token.word
      goesOn = word.text.hasSuffix(",")
      if goesOn { word.text.removeLast() }
      if !word.text.isEmpty { words.append(word) }
      index += 1
    }
    if goesOn, let last = words.last { throw fault("another zone is expected after the comma", at: last) }
    guard !words.isEmpty else { throw fault("a server block has no zone; write one before '{'", at: current?.word) }
    return words
  }

  /// Reads directives up to the brace that closes their block.
  private mutating func parseDirectives(
    of opening: Corefile.Word, depth: Int
  ) throws(CorefileFault) -> [Corefile.Directive] {
    guard depth <= Self.depthLimit else { throw fault("blocks stand too deep in one another", at: opening) }
    var directives: [Corefile.Directive] = []
    while let token = current {
      index += 1
      if token.closes { return directives }
      if token.opens { throw fault("'{' stands without a name before it", at: token.word) }
      var directive = Corefile.Directive(name: token.word)
      while let argument = current, !argument.isFirst {
        if argument.closes {
          throw fault("put '}' into a line of its own; here CoreDNS takes it for a word", at: argument.word)
        }
        index += 1
        if argument.opens {
          directive.block = try parseDirectives(of: argument.word, depth: depth + 1)
          break
        }
        directive.arguments.append(argument.word)
      }
      directives += try expand(directive)
    }
    throw fault("'{' is never closed; close it with '}'", at: opening)
  }

  /// The directive, or those of the snippet that it imports.
  private mutating func expand(_ directive: Corefile.Directive) throws(CorefileFault) -> [Corefile.Directive] {
    guard directive.name.text == "import", let name = directive.arguments.first, let snippet = snippets[name.text]
    else { return [directive] }
    expanded += snippet.count
    guard expanded <= Self.expansionLimit else { throw fault("the snippets are imported too often", at: name) }
    return snippet
  }
}
