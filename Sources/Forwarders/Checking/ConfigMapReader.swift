import SteeringPolicy
import Yams

/// A file → the Corefiles in it: the file itself, or those in the `data` of a Kubernetes ConfigMap.
enum ConfigMapReader {
  /// The largest file, in octets: 1 MiB, as a ConfigMap's own limit.
  static let fileSize = 1 << 20

  /// The Corefiles of a file; throws why it cannot be read.
  static func sources(of text: String, path: String) throws(CorefileFault) -> [CorefileSource] {
    guard isYAML(text) else { return [CorefileSource(text: text, path: path)] }
    let lines = lines(of: text)
    var sources: [CorefileSource] = []
    for node in try documents(of: text) {
      let items = node["items"]?.sequence.map { Array($0) } ?? [node]
      for item in items.prefix(100) {
        for (key, value) in item["data"]?.mapping.map({ Array($0) }) ?? [] {
          guard let name = key.string, isCorefile(name), let scalar = value.scalar else { continue }
          sources.append(
            CorefileSource(text: scalar.string, path: path, positions: positions(of: scalar, in: lines)))
        }
      }
    }
    return sources
  }

  /// Whether the file is a Kubernetes object: JSON, or YAML with a field that every object has.
  private static func isYAML(_ text: String) -> Bool {
    // `{$` and `{%` start a placeholder of a Corefile.
    let start = text.drop { $0.isWhitespace }.prefix(2)
    if start.first == "{", start != "{$", start != "{%" { return true }
    return text.split(whereSeparator: \.isNewline).contains { line in
      ["apiVersion:", "kind:", "\"apiVersion\":"].contains { line.hasPrefix($0) }
    }
  }

  /// `Corefile`, `Corefile.base` of NodeLocal DNSCache, and the server blocks of a `coredns-custom` ConfigMap.
  private static func isCorefile(_ name: String) -> Bool {
    name == "Corefile" || name.hasPrefix("Corefile.") || name.hasSuffix(".server")
  }

  private static func documents(of text: String) throws(CorefileFault) -> [Node] {
    if let place = alias(in: text) {
      throw CorefileFault(place: place, problem: "an alias of YAML is not followed; write its value out in full")
    }
    do {
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      var nodes: [Node] = []
      while let node = try parser.nextRoot() { nodes.append(node) }
      return nodes
    } catch YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _)
    {
      throw CorefileFault(
        place: Corefile.Place(line: mark.line, column: mark.column), problem: "this is not YAML: \(problem)")
    } catch {
      throw CorefileFault(
        place: Corefile.Place(line: 1, column: 1),
        problem: "this cannot be read as YAML; check quotes and indentation")
    }
  }

  /// The lines of a file, the empty ones too.
  private static func lines(of text: String) -> [Substring] {
    text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
  }

  /// Where an alias of an anchor in the same file stands: nested ones would stand for exponentially many nodes.
  private static func alias(in text: String) -> Corefile.Place? {
    guard text.contains("&"), text.contains("*") else { return nil }
    var anchors: Set<Substring> = []
    for (number, line) in lines(of: text).enumerated() {
      let words = line.split { $0.isWhitespace || "[]{},:'\"".contains($0) }
      for word in words {
        if word.hasPrefix("&") { anchors.insert(word.dropFirst()) }
        if word.hasPrefix("*"), anchors.contains(word.dropFirst()) {
          let column = line.distance(from: line.startIndex, to: word.startIndex) + 1
          return Corefile.Place(line: number + 1, column: column)
        }
      }
    }
    return nil
  }

  /// Where the characters of a scalar stand.
  private static func positions(of scalar: Node.Scalar, in lines: [Substring]) -> CorefileSource.Positions {
    guard let mark = scalar.mark, mark.line >= 1, mark.line <= lines.count else { return .start(line: 1, column: 1) }
    let start = CorefileSource.Positions.start(line: mark.line, column: mark.column)
    switch scalar.style {
    case .literal:
      // The content starts in the line after `|`; any line of it that is not empty says how far it is indented.
      let content = zip(lines[mark.line...], Self.lines(of: scalar.string)).first { $1.contains { !$0.isWhitespace } }
      guard let (written, read) = content else { return start }
      return .block(lines: mark.line, columns: max(0, written.count - read.count))
    case .doubleQuoted:
      guard let columns = QuotedColumns.columns(of: lines[mark.line - 1], from: mark.column, text: scalar.string)
      else { return start }
      return .quoted(line: mark.line, columns: columns)
    default: return start
    }
  }
}
