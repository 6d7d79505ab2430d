import DNSWire
import SteeringPolicy

/// A server block for a zone that goes to Steer.
struct CorefileStub {
  /// The zone.
  var zone: DomainName
  /// Where it is named.
  var key: Corefile.Key
  var block: Corefile.Block
  /// What it listens at.
  var listeners: Set<Corefile.Listener>
  /// The policy's zone, if there is a policy.
  var policy: SteeringZone?
  /// Whether it only refuses those that no view of the same zone has taken.
  var isRest = false

  /// Whether it takes only some clients.
  var isView: Bool { !block.plugins("view").isEmpty }

  /// Whether it is for the same zone at a common listener.
  func isBeside(_ other: CorefileStub) -> Bool { zone == other.zone && !listeners.isDisjoint(with: other.listeners) }

  /// The blocks for the expected zones; if none is expected, those that set an option or are a view's.
  static func all(in corefile: Corefile, expecting expectation: CorefileChecker.Expectation) -> [CorefileStub] {
    let apexes = Set(expectation.allApexes)
    var stubs: [CorefileStub] = []
    for block in corefile.blocks {
      for key in block.keys {
        guard let zone = key.zone, apexes.isEmpty ? block.rewritesOptions : apexes.contains(zone) else { continue }
        let policy = expectation.zones.first { $0.servedApexes.contains(zone) }
        stubs.append(
          CorefileStub(zone: zone, key: key, block: block, listeners: block.listeners(of: key), policy: policy))
      }
    }
    for index in stubs.indices where !stubs[index].isView && stubs[index].block.refusesAll {
      let rest = stubs[index]
      stubs[index].isRest = stubs.contains { $0.isBeside(rest) && $0.isView }
    }
    return stubs
  }
}

extension Corefile.Block {
  /// Whether a rule changes an option that can say who asked.
  var rewritesOptions: Bool {
    plugins("rewrite").contains { rule in
      let words = rule.allWords.map { $0.text.lowercased() }
      guard let place = words.firstIndex(of: "edns0"), place + 1 < words.count else { return false }
      return words[place + 1] == "local" || words[place + 1] == "subnet"
    }
  }

  /// Whether it refuses every question: a template for everything with REFUSED, and no forwarding.
  var refusesAll: Bool {
    plugins("forward").isEmpty
      && plugins("template").contains { template in
        template.arguments.map { $0.text.uppercased() } == ["ANY", "ANY"]
          && template.block.contains { $0.words.map { $0.text.uppercased() } == ["RCODE", "REFUSED"] }
      }
  }
}
