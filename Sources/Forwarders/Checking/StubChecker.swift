import DNSWire
import SteeringPolicy

/// Checks one server block that forwards a zone to Steer.
struct StubChecker {
  let stub: CorefileStub
  let source: CorefileSource
  let expectation: CorefileChecker.Expectation
  /// What was found so far, here and before.
  var findings: CorefileFindings

  /// The zone as people write it.
  var zoneName: String { stub.zone.relativeDescription }

  /// Checks everything.
  mutating func checkAll() {
    checkPlugins()
    if stub.isRest { return }
    checkAnswers()
    checkIdentity()
    checkMetadata()
    checkForward()
  }

  mutating func report(_ code: CorefileFindingCode, at word: Corefile.Word, _ message: String) {
    findings.add(code, at: source.location(word.place), message)
  }

  private mutating func checkPlugins() {
    for directive in stub.block.directives {
      if directive.name.text == "import" {
        report(
          .importUnread, at: directive.name, "what this imports is not read; write it out here, or check it by hand")
      } else if CorefilePlugins.places[directive.name.text] == nil {
        report(
          .unknownPlugin, at: directive.name,
          "'\(directive.name.text.prefix(40))' is no plugin of CoreDNS 1.13, so nobody knows what it does to the "
            + "zone; check its name")
      }
      for word in directive.allWords where word.hasPlaceholder {
        report(.placeholderUnread, at: word, "what the environment fills in here is not known; check it by hand")
      }
    }
  }

  /// What keeps, makes up, changes or withholds answers.
  private mutating func checkAnswers() {
    for directive in stub.block.directives {
      let name = directive.name.text
      if name == "cache" {
        checkCache(directive)
      } else if name == "acl" {
        checkAccess(directive)
      } else if let change = CorefilePlugins.changing[name] {
        report(change.code, at: directive.name, "\(name) \(change.effect); take it out of this block")
      } else {
        checkOwnData(directive)
      }
    }
  }

  /// Clients that `acl` does not let ask.
  private mutating func checkAccess(_ directive: Corefile.Directive) {
    for rule in directive.block where ["block", "filter", "drop"].contains(rule.name.text) {
      report(
        .mayChangeAnswer, at: rule.name,
        "this keeps Steer's answers from clients, whatever the policy says; take it out, and write a policy instead")
    }
  }

  private mutating func checkCache(_ directive: Corefile.Directive) {
    report(
      .cached, at: directive.name,
      "cache hands the answer for one client to all, for it does not look at who asked; take it out of this block")
    for property in directive.block {
      switch property.name.text {
      case "serve_stale":
        report(
          .cachedStale, at: property.name, "serve_stale keeps handing out what the policy has withdrawn; remove it")
      case "prefetch":
        report(.cachedAhead, at: property.name, "prefetch asks for one client on behalf of all; remove it")
      default: continue
      }
    }
  }

  /// Plugins that answer from data of their own, all of which stand before `forward` wherever they are written.
  private mutating func checkOwnData(_ directive: Corefile.Directive) {
    let name = directive.name.text
    guard let skipped = CorefilePlugins.answering[name], let place = CorefilePlugins.places[name],
      let forward = CorefilePlugins.places["forward"], place < forward
    else { return }
    let zones = directive.arguments.dropFirst(skipped).map { zone(in: $0.text) }
    // Without zones a plugin answers for those of its block.
    guard zones.isEmpty || zones.contains(where: overlaps) else { return }
    let through = directive.block.first { $0.name.text == "fallthrough" }
    if let through, through.arguments.isEmpty || through.arguments.contains(where: { overlaps(zone(in: $0.text)) }) {
      report(
        .mayAnswerBeforeForward, at: directive.name,
        "\(name) answers before Steer is asked, for the names that it has, and alike for every client; take it out")
    } else {
      report(
        .answeredBeforeForward, at: directive.name,
        "\(name) answers before 'forward' is met, in whichever order they are written, so Steer is never asked; take "
          + "it out of this block")
    }
  }

  /// The zone of an argument, such as `example.org.` or `example.org.:Z1D2`; nil if it is none.
  private func zone(in text: String) -> DomainName? {
    try? DomainName(text.prefix { $0 != ":" })
  }

  private func overlaps(_ zone: DomainName?) -> Bool {
    guard let zone else { return false }
    return zone.isAtOrBelow(stub.zone) || stub.zone.isAtOrBelow(zone)
  }

  /// Whatever the namespace is taken from must be there.
  private mutating func checkMetadata() {
    let uses = stub.block.directives.filter { $0.name.text == "rewrite" || $0.name.text == "view" }
      .flatMap(\.allWords).first { $0.text.contains("kubernetes/") }
    guard let uses else { return }
    if stub.block.plugins("metadata").isEmpty {
      report(.metadataMissing, at: uses, "without 'metadata' in this block the namespace is always empty; add it")
    }
    let isVerified = stub.block.plugins("kubernetes").contains { plugin in
      plugin.block.contains { $0.words.map(\.text) == ["pods", "verified"] }
    }
    if !isVerified {
      report(
        .podsNotVerified, at: uses,
        "the namespace of a client is known only with 'kubernetes cluster.local { pods verified }' in this block; add it"
      )
    }
  }
}
