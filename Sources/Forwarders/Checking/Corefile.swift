/// A Corefile as written: server blocks of directives, each with its place.
struct Corefile {
  /// A place in the Corefile, both from 1.
  struct Place: Hashable {
    var line: Int
    var column: Int
  }

  /// A word and where it stands.
  struct Word: Hashable {
    var text: String
    var place: Place

    /// Whether the environment fills a part of it in: `{$NAME}` or `{%NAME%}`.
    var hasPlaceholder: Bool { Self.hasPlaceholder(text) }

    /// Whether the environment fills a part of some text in.
    static func hasPlaceholder(_ text: some StringProtocol) -> Bool { text.contains("{$") || text.contains("{%") }
  }

  /// A plugin, or a property in a plugin's own block.
  struct Directive {
    var name: Word
    var arguments: [Word] = []
    var block: [Directive] = []

    /// The name and the arguments.
    var words: [Word] { [name] + arguments }

    /// All words, those of the block too.
    var allWords: [Word] { words + block.flatMap(\.allWords) }
  }

  /// A server block.
  struct Block {
    var keys: [Key]
    var directives: [Directive]

    /// The plugins of a name.
    func plugins(_ name: String) -> [Directive] { directives.filter { $0.name.text == name } }
  }

  /// The server blocks in order.
  var blocks: [Block] = []
  /// The `import` lines that name a file.
  var fileImports: [Directive] = []
}

/// Why text is not a Corefile, and where.
struct CorefileFault: Error {
  var place: Corefile.Place
  var problem: String
}
