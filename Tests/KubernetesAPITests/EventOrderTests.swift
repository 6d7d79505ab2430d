import Testing

@testable import KubernetesAPI

@Suite struct EventOrderTests {
  /// Which of the events, by name and version, are taken for news.
  private static func accepted(_ events: [(String, String)], by order: inout EventOrder) -> [Bool] {
    var accepted: [Bool] = []
    for (name, version) in events { accepted.append(order.accepts(name: name, version: version)) }
    return accepted
  }

  @Test func anOlderEventOfAnObjectIsSeen() {
    var order = EventOrder(after: "100")
    // What is told twice does no harm.
    #expect(Self.accepted([("a/x", "103"), ("a/x", "102"), ("a/x", "103")], by: &order) == [true, false, true])
  }

  @Test func anOlderEventOfAnotherObjectIsNews() {
    var order = EventOrder(after: "100")
    #expect(Self.accepted([("a/x", "103"), ("a/y", "102")], by: &order) == [true, true])
    #expect(order.latest == "103")
  }

  @Test func whatTheListHadAlreadyIsOld() {
    var order = EventOrder(after: "100")
    #expect(Self.accepted([("a/x", "99"), ("a/x", "100"), ("a/x", "101")], by: &order) == [false, false, true])
  }

  @Test func versionsAreComparedAsNumbers() {
    var order = EventOrder(after: "99")
    #expect(Self.accepted([("a/x", "100")], by: &order) == [true])
    order.advance(to: "98")
    #expect(order.latest == "100")
  }

  @Test func versionsThatAreNoNumbersAreNeverOld() {
    var order = EventOrder(after: "abc")
    #expect(Self.accepted([("a/x", "abb"), ("a/x", "aba")], by: &order) == [true, true])
    #expect(order.latest == "aba")
  }

  @Test func whatIsRememberedIsBounded() {
    var order = EventOrder(after: "1")
    let events = (0..<5000).map { ("a/\($0)", "\($0 + 10)") }
    #expect(Self.accepted(events, by: &order).allSatisfy { $0 })
    // The second one is forgotten, and so taken for new: no server repeats what is so old.
    #expect(Self.accepted([("a/4999", "5000"), ("a/0", "5")], by: &order) == [false, true])
  }
}
