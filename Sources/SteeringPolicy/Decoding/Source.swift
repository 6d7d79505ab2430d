import DNSWire
import Yams

/// The findings of one load, in the order met.
final class Findings {
  private(set) var diagnostics: [Diagnostic] = []
  /// How many of them are errors.
  private(set) var errorCount = 0
  /// The kinds that are no more than warnings here.
  private let lenient: Set<DiagnosticCode>

  /// No findings yet; those of the `lenient` kinds will be warnings.
  init(lenient: Set<DiagnosticCode> = []) {
    self.lenient = lenient
  }

  /// Adds a finding; `related` are the other places without which there would be no fault.
  func report(
    _ code: DiagnosticCode, at location: SourceLocation, related: [SourceLocation] = [], _ message: String
  ) {
    let severity = lenient.contains(code) ? .warning : code.severity
    diagnostics.append(Diagnostic(code, at: location, related: related, severity: severity, message))
    if severity == .error { errorCount += 1 }
  }

  /// Adds findings that were made before.
  func add(_ earlier: [Diagnostic]) {
    diagnostics += earlier
    errorCount += earlier.count { $0.severity == .error }
  }
}

/// A part of a file that was parsed on its own.
struct Source {
  /// What the part is of.
  let file: PolicyFile
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
    switch file.origin {
    case .file: SourceLocation(file: file.path, line: max(line, 1) + lineOffset, column: max(column, 1))
    case .object: file.start
    }
  }
}

/// The words of documents that could not be read, so that a reference to one of them is not called dangling.
struct Unread: Sendable {
  private var words: Set<String> = []
  /// Whether one of the documents may be a zone.
  var mayHoldZone = false

  /// Whether one of the documents may define `name`.
  func mayHold(_ name: String) -> Bool { words.contains(name) }

  /// Takes what could not be read elsewhere.
  mutating func add(_ other: Unread) {
    words.formUnion(other.words)
    mayHoldZone = mayHoldZone || other.mayHoldZone
  }

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
