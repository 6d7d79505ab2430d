import DNSWire
import Yams

/// Text → YAML documents, each parsed on its own so that one broken document does not hide the next.
///
/// JSON is YAML, so it is read the same way.
enum YAMLDocuments {
  /// The root nodes of a file's documents; faults are reported, and their documents' words go to `unread`.
  static func read(
    _ file: PolicyFile, into findings: Findings, unread: inout Unread
  ) -> [(root: Node, source: Source)] {
    var octets = Array(file.text.utf8)
    // Some editors put a byte order mark before UTF-8 (YAML 1.2 §5.2).
    if octets.starts(with: [0xEF, 0xBB, 0xBF]) { octets.removeFirst(3) }
    guard octets.count <= Limits.fileSize else {
      findings.report(
        .fileTooLarge, at: file.start,
        "the file has \(octets.count) octets, more than \(Limits.fileSize); split it into several files")
      unread.mayHoldZone = true
      return []
    }
    var roots: [(root: Node, source: Source)] = []
    for part in parts(of: octets) {
      let text = String(decoding: octets[part.range], as: UTF8.self)
      let source = Source(file: file, lineOffset: part.line, findings: findings)
      do {
        if let alias = firstAlias(in: octets[part.range]) {
          throw YAMLFault(
            line: alias.line, column: alias.column,
            problem: "the alias '*\(alias.name)' is not followed; write its value out in full")
        }
        // Once a parser has thrown it must not be asked again.
        let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
        while let root = try parser.nextRoot() { roots.append((root, source)) }
      } catch {
        let fault = YAMLFault(error, in: text)
        findings.report(.syntax, at: source.location(line: fault.line, column: fault.column), fault.problem)
        unread.add(text)
      }
    }
    return roots
  }

  /// The parts of a file between `---` lines, with the number of lines before each.
  ///
  /// Directives and comments stay with the document that they precede.
  private static func parts(of octets: [UInt8]) -> [(range: Range<Int>, line: Int)] {
    var parts: [(range: Range<Int>, line: Int)] = []
    var start = 0
    var startLine = 0
    var hasContent = false
    var line = 0
    var index = 0
    while index < octets.count {
      let end = octets[index...].firstIndex(of: 0x0A).map { $0 + 1 } ?? octets.count
      let text = octets[index..<end]
      let isMarker =
        text.starts(with: [0x2D, 0x2D, 0x2D]) && text.dropFirst(3).first.map { $0 <= 0x20 } ?? true
      if isMarker, hasContent {
        parts.append((start..<index, startLine))
        (start, startLine, hasContent) = (index, line, false)
      }
      let first = text.dropFirst(isMarker ? 3 : 0).first { ![0x09, 0x0A, 0x0D, 0x20].contains($0) }
      // 0x23 is a comment's `#`; 0x25 a directive's `%`.
      if let first, first != 0x23, isMarker || text.first != 0x25 { hasContent = true }
      index = end
      line += 1
    }
    if hasContent { parts.append((start..<octets.count, startLine)) }
    return parts
  }

  /// The first alias of an anchor in the same part.
  ///
  /// Aliases are refused before parsing: nested ones stand for exponentially many nodes, and the parser would
  /// walk them all when they are keys. Kubernetes' own tools never write them.
  private static func firstAlias(in text: ArraySlice<UInt8>) -> (name: String, line: Int, column: Int)? {
    guard text.contains(0x26), text.contains(0x2A) else { return nil }
    var anchors: Set<String> = []
    var previous: UInt8 = 0x0A
    var (line, column) = (1, 0)
    for index in text.indices {
      let octet = text[index]
      if octet & 0xC0 != 0x80 { column += 1 }
      if octet == 0x26 || octet == 0x2A, mayPrecedeToken(previous) {
        let name = text[(index + 1)...].prefix {
          $0.isASCIIDigit || $0.asciiLowercased.isASCIILowercaseLetter || $0 == 0x2D || $0 == 0x5F
        }
        let text = String(decoding: name, as: UTF8.self)
        if octet == 0x26 {
          anchors.insert(text)
        } else if !text.isEmpty, anchors.contains(text) {
          return (text, line, column)
        }
      }
      if octet == 0x0A { (line, column) = (line + 1, 0) }
      previous = octet
    }
    return nil
  }

  /// Whether a YAML token may start after the octet: white space, an indicator, or outside ASCII (a line break).
  private static func mayPrecedeToken(_ octet: UInt8) -> Bool {
    octet <= 0x20 || octet >= 0x80 || [0x22, 0x27, 0x2C, 0x3A, 0x3F, 0x5B, 0x5D, 0x7B, 0x7D].contains(octet)
  }
}

/// Why text is not YAML, and where.
private struct YAMLFault: Error {
  var line = 1
  var column = 1
  let problem: String
}

extension YAMLFault {
  /// The fault behind a parser's error on `text`.
  init(_ error: any Error, in text: String) {
    let hint = "check indentation, quotes and brackets here"
    switch error {
    case let fault as YAMLFault:
      self = fault
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      let context = context.map { " \($0.text)" } ?? ""
      self.init(
        line: mark.line, column: mark.column, problem: "this is not YAML: \(problem)\(context); \(hint)")
    case YamlError.reader(let problem, let offset, _, _):
      let before = text.prefix(offset ?? 0)
      let line = before.count(where: \.isNewline) + 1
      let column = before.reversed().prefix { !$0.isNewline }.count + 1
      self.init(
        line: line, column: column,
        problem: "this is not YAML text: \(problem); save the file as plain UTF-8")
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      let names = keys.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
      self.init(
        line: context.mark.line, column: context.mark.column,
        problem: "\(names) is written more than once in one mapping; keep one of them")
    default:
      self.init(problem: "this cannot be read as YAML; \(hint)")
    }
  }
}
