public import DNSWire
public import SteeringPolicy

/// Checks whether a Corefile makes CoreDNS or NodeLocal DNSCache tell Steer who asked, and keeps no answer.
public struct CorefileChecker: Sendable {
  /// What the Corefile should do.
  public struct Expectation: Sendable {
    /// The policy's zones.
    public var zones: [SteeringZone]
    /// More zones that should be forwarded to Steer, where there is no policy.
    public var apexes: [DomainName]
    /// Where Steer is reached; nobody is known if empty.
    public var servers: [Endpoint]

    /// An expectation; without any, the blocks that look as if they were for Steer are checked.
    public init(zones: [SteeringZone] = [], apexes: [DomainName] = [], servers: [Endpoint] = []) {
      self.zones = zones
      self.apexes = apexes
      self.servers = servers
    }

    /// Every apex and alias.
    var allApexes: [DomainName] { zones.flatMap(\.servedApexes) + apexes }
  }

  /// What came of a check.
  public struct Report: Sendable {
    /// Every finding, in the order of the places.
    public var findings: [CorefileFinding]
    /// The zones whose blocks were checked.
    public var stubs: [DomainName]

    /// Whether any finding is an error.
    public var hasErrors: Bool { findings.contains { $0.severity == .error } }
  }

  private let expectation: Expectation

  /// A checker of what is expected.
  public init(_ expectation: Expectation = Expectation()) {
    self.expectation = expectation
  }

  /// Checks a file: a Corefile, or a ConfigMap that has one, YAML or JSON.
  public func check(_ text: String, path: String) -> Report {
    let start = SourceLocation(file: path, line: 1, column: 1)
    guard text.utf8.count <= ConfigMapReader.fileSize else {
      let message = "the file has more than \(ConfigMapReader.fileSize) octets; no Corefile is as large"
      return Report(
        findings: [CorefileFinding(code: .corefileTooLarge, location: start, message: message)], stubs: [])
    }
    let sources: [CorefileSource]
    do {
      sources = try ConfigMapReader.sources(of: text, path: path)
    } catch {
      let whole = CorefileSource(text: text, path: path)
      return Report(
        findings: [
          CorefileFinding(code: .corefileSyntax, location: whole.location(error.place), message: error.problem)
        ],
        stubs: [])
    }
    var findings = CorefileFindings()
    if sources.isEmpty {
      findings.add(
        .corefileMissing, at: start, "the object has no Corefile in its data; give the ConfigMap that has it")
    }
    var stubs: Set<DomainName> = []
    var isWhole = !sources.isEmpty
    for source in sources {
      do {
        stubs.formUnion(check(try CorefileParser.parse(source.text), source, &findings))
      } catch {
        findings.add(.corefileSyntax, at: source.location(error.place), error.problem)
        isWhole = false
      }
    }
    if isWhole { checkMissing(stubs, start, &findings) }
    return Report(findings: findings.sorted, stubs: stubs.sorted())
  }

  /// Checks one Corefile; the zones whose blocks were checked.
  private func check(
    _ corefile: Corefile, _ source: CorefileSource, _ findings: inout CorefileFindings
  ) -> Set<DomainName> {
    for directive in corefile.fileImports {
      findings.add(
        .importUnread, at: source.location(directive.name.place),
        "what this imports is not read; check that file too")
    }
    for word in corefile.blocks.flatMap(\.keys).map(\.word) where word.hasPlaceholder {
      findings.add(
        .placeholderUnread, at: source.location(word.place),
        "what the environment fills in here is not known, and so not where or for what this block is asked; check it "
          + "by hand")
    }
    let stubs = CorefileStub.all(in: corefile, expecting: expectation)
    for stub in stubs where !findings.isFull {
      var check = StubChecker(stub: stub, source: source, expectation: expectation, findings: findings)
      check.checkAll()
      findings = check.findings
    }
    StubNeighbours(corefile: corefile, stubs: stubs, apexes: expectation.allApexes, source: source).check(&findings)
    return Set(stubs.map(\.zone))
  }

  private func checkMissing(
    _ stubs: Set<DomainName>, _ start: SourceLocation, _ findings: inout CorefileFindings
  ) {
    for apex in expectation.allApexes where !stubs.contains(apex) {
      findings.add(
        .stubMissing, at: start,
        "no server block is for \(apex.relativeDescription), so its names are asked elsewhere; add the one that "
          + "'steer render corefile' prints")
    }
    if stubs.isEmpty, expectation.allApexes.isEmpty {
      findings.add(
        .stubMissing, at: start,
        "no server block says who asked; add the one that 'steer render corefile' prints, or name the zone")
    }
  }
}

/// Findings as they are gathered: each once.
struct CorefileFindings {
  /// Nobody reads more, and a file can be made that has millions.
  private static let limit = 1000

  private var found: Set<CorefileFinding> = []

  mutating func add(_ code: CorefileFindingCode, at location: SourceLocation, _ message: String) {
    guard !isFull else { return }
    found.insert(CorefileFinding(code: code, location: location, message: message))
  }

  /// Whether no more are taken.
  var isFull: Bool { found.count >= Self.limit }

  /// All of them, in the order of the places.
  var sorted: [CorefileFinding] {
    found.sorted { ($0.location, $0.code.rawValue, $0.message) < ($1.location, $1.code.rawValue, $1.message) }
  }
}
