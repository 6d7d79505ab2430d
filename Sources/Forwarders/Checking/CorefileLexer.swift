/// Text → words, as CoreDNS splits a Corefile.
///
/// Words are separated by white space. A quoted word may hold white space and `\"`. `#` starts a comment wherever it
/// stands outside quotes. A brace is one only as a word of its own.
struct CorefileLexer {
  /// A word, and whether it is the first of its line.
  struct Token {
    var word: Corefile.Word
    var isFirst: Bool
    var isQuoted: Bool

    /// Whether it opens a block.
    var opens: Bool { word.text == "{" && !isQuoted }
    /// Whether it closes a block.
    var closes: Bool { word.text == "}" && !isQuoted }
  }

  /// The most words that are read.
  static let tokenLimit = 100_000

  private var scalars: [Unicode.Scalar]
  private var index = 0
  private var line = 1
  private var column = 1
  private var tokens: [Token] = []
  /// The line in which the last word ends; a quoted one may go over several.
  private var lastLine = 0

  /// The words of `text`.
  static func tokens(of text: String) throws(CorefileFault) -> [Token] {
    var lexer = CorefileLexer(text)
    while lexer.index < lexer.scalars.count { try lexer.next() }
    return lexer.tokens
  }

  private init(_ text: String) {
    scalars = Array(text.unicodeScalars)
    // Some editors put a byte order mark before UTF-8.
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
  }

  private var place: Corefile.Place { Corefile.Place(line: line, column: column) }

  private mutating func advance() {
    if index < scalars.count, scalars[index] == "\n" { (line, column) = (line + 1, 0) }
    index += 1
    column += 1
  }

  private mutating func next() throws(CorefileFault) {
    let scalar = scalars[index]
    if scalar.properties.isWhitespace {
      advance()
    } else if scalar == "#" {
      skipComment()
    } else if scalar == "\"" {
      try readQuoted()
    } else {
      readWord()
    }
    guard tokens.count <= Self.tokenLimit else {
      throw CorefileFault(place: place, problem: "there are more than \(Self.tokenLimit) words; this is no Corefile")
    }
  }

  private mutating func skipComment() {
    while index < scalars.count, scalars[index] != "\n" { advance() }
  }

  private mutating func readWord() {
    let start = place
    var text = String.UnicodeScalarView()
    while index < scalars.count, !scalars[index].properties.isWhitespace, scalars[index] != "#" {
      text.append(scalars[index])
      advance()
    }
    append(String(text), at: start, isQuoted: false)
  }

  private mutating func readQuoted() throws(CorefileFault) {
    let start = place
    advance()
    var text = String.UnicodeScalarView()
    while index < scalars.count, scalars[index] != "\"" {
      if scalars[index] == "\\", index + 1 < scalars.count, scalars[index + 1] == "\"" { advance() }
      text.append(scalars[index])
      advance()
    }
    guard index < scalars.count else {
      throw CorefileFault(place: start, problem: "the quote is never closed; close it with \"")
    }
    advance()
    append(String(text), at: start, isQuoted: true)
  }

  private mutating func append(_ text: String, at start: Corefile.Place, isQuoted: Bool) {
    tokens.append(
      Token(word: Corefile.Word(text: text, place: start), isFirst: lastLine < start.line, isQuoted: isQuoted))
    lastLine = line
  }
}
