import DNSWire
import Yams

/// The findings of one load, in the order met.
final class Findings {
  private(set) var diagnostics: [Diagnostic] = []
  /// How many of them are errors.
  private(set) var errorCount = 0

  /// Adds a finding.
  func report(_ code: DiagnosticCode, at location: SourceLocation, _ message: String) {
    diagnostics.append(Diagnostic(code, at: location, message))
    if code.severity == .error { errorCount += 1 }
  }
}

/// A part of a file that was parsed on its own.
struct Source {
  /// The file's path as given.
  let path: String
  /// How many lines of the file precede the part.
  let lineOffset: Int
  /// Where findings go.
  let findings: Findings

  /// A place in the part, as a place in the file.
  func location(_ mark: Mark?) -> SourceLocation {
    location(line: mark?.line ?? 1, column: mark?.column ?? 1)
  }

  /// A place in the part by line and column, as a place in the file.
  func location(line: Int, column: Int) -> SourceLocation {
    SourceLocation(file: path, line: max(line, 1) + lineOffset, column: max(column, 1))
  }
}

/// The words of documents that could not be read, so that a reference to one of them is not called dangling.
struct Unread {
  private var words: Set<String> = []
  /// Whether one of the documents may be a zone.
  var mayHoldZone = false

  /// Whether one of the documents may define `name`.
  func mayHold(_ name: String) -> Bool { words.contains(name) }

  /// Takes the words of text that is not well-formed.
  mutating func add(_ text: String) {
    let octets = text.utf8.split { octet in
      let lower = octet.asciiLowercased
      return !(lower.isASCIIDigit || lower.isASCIILowercaseLetter || lower == 0x2D || lower == 0x2E)
    }
    for word in octets where word.count <= Limits.objectName { words.insert(String(Substring(word))) }
    if words.contains(Kind.steeringZone.rawValue) { mayHoldZone = true }
  }

  /// Takes the words of a document of the wrong shape.
  mutating func add(_ node: Node) {
    switch node {
    case .scalar(let scalar): words.insert(scalar.string)
    case .sequence(let sequence): for item in sequence { add(item) }
    case .mapping(let mapping): for (_, value) in mapping { add(value) }
    case .alias: break
    }
  }
}
