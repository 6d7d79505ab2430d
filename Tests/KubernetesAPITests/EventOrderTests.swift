import Testing

@testable import KubernetesAPI

@Suite struct EventOrderTests {
  @Test func anOlderEventOfAnObjectIsSeen() {
    var order = EventOrder(after: "100")
    #expect(order.accepts(name: "a/x", version: "103"))
    #expect(!order.accepts(name: "a/x", version: "102"))
    // What is told twice does no harm.
    #expect(order.accepts(name: "a/x", version: "103"))
  }

  @Test func anOlderEventOfAnotherObjectIsNews() {
    var order = EventOrder(after: "100")
    #expect(order.accepts(name: "a/x", version: "103"))
    #expect(order.accepts(name: "a/y", version: "102"))
    #expect(order.latest == "103")
  }

  @Test func whatTheListHadAlreadyIsOld() {
    var order = EventOrder(after: "100")
    #expect(!order.accepts(name: "a/x", version: "99"))
    #expect(!order.accepts(name: "a/x", version: "100"))
    #expect(order.accepts(name: "a/x", version: "101"))
  }

  @Test func versionsAreComparedAsNumbers() {
    var order = EventOrder(after: "99")
    #expect(order.accepts(name: "a/x", version: "100"))
    order.advance(to: "98")
    #expect(order.latest == "100")
  }

  @Test func versionsThatAreNoNumbersAreNeverOld() {
    var order = EventOrder(after: "abc")
    #expect(order.accepts(name: "a/x", version: "abb"))
    #expect(order.accepts(name: "a/x", version: "aba"))
    #expect(order.latest == "aba")
  }

  @Test func whatIsRememberedIsBounded() {
    var order = EventOrder(after: "1")
    for index in 0..<5000 { #expect(order.accepts(name: "a/\(index)", version: "\(index + 10)")) }
    #expect(!order.accepts(name: "a/4999", version: "5000"))
    // Forgotten, and so taken for new: no server repeats what is so old.
    #expect(order.accepts(name: "a/0", version: "5"))
  }
}
