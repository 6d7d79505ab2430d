import Testing

@testable import ProxyRoutes

@Suite struct HelperReplyTests {
  private func text(_ reply: HelperReply) -> String { String(decoding: reply.octets, as: UTF8.self) }

  @Test func valuesCanNeitherEndEarlyNorAddAKey() {
    var reply = HelperReply(isAllowed: false)
    reply.add("rule", "a b\" route=x\\ %41\n%,~é")
    #expect(text(reply) == "ERR rule=a%20b%22%20route%3Dx%5C%20%2541%0A%25%2C%7E%C3%A9")
  }

  @Test func aValueThatDoesNotFitIsCutAndSaysSo() {
    var reply = HelperReply(isAllowed: true)
    reply.add("route", String(repeating: "r", count: 100), atMost: 10)
    #expect(text(reply) == "OK route=rrrrrrrrr~")
    reply.add("rule", String(repeating: "é", count: 200))
    #expect(reply.octets.count <= HelperReply.maximumLength)
    #expect(text(reply).hasSuffix("%A9~") || text(reply).hasSuffix("%C3~"))
    let isAdded = reply.add("pod", "api")
    #expect(!isAdded)
  }

  @Test func anAnswerIsNeverLongerThanSquidTakesAtOnce() {
    for length in 0..<700 {
      for unit in ["a", "é", "\"", "a\""] {
        var reply = HelperReply(isAllowed: false)
        reply.add("reason", "destination")
        for key in ["pod", "rule", "namespace"] as [StaticString] {
          reply.add(key, String(repeating: unit, count: length))
        }
        let line = reply.line(on: UInt64(Int64.max))
        #expect(line.count <= HelperReply.maximumLineLength)
        #expect(HelperReply.isReply(reply.octets))
        // Every escape is whole, and no value is empty.
        let fields = text(reply).split(separator: " ", omittingEmptySubsequences: false).dropFirst()
        for field in fields {
          let value = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).last ?? ""
          #expect(!value.isEmpty && !value.hasSuffix("%~"))
          #expect(value.matches(of: /%[0-9A-F]{2}/).count == value.count { $0 == "%" })
        }
      }
    }
  }

  @Test func aPeerIsNamedWholeOrNotAtAll() {
    var reply = HelperReply(isAllowed: true)
    reply.add("rule", String(repeating: "r", count: HelperReply.maximumLength - 20))
    let before = text(reply)
    let isAdded = reply.addWhole("peer", "p0123456789.1")
    #expect(!isAdded)
    #expect(text(reply) == before)
  }

  @Test(arguments: [
    ("OK", true), ("ERR", true), ("OK a=b", true), ("ERR reason=unavailable", true), ("", false), ("BH", false),
    ("OKAY", false), ("ok", false), (" OK", false), ("OK a=\u{1}", false), ("OK é", false), ("TT x", false),
  ])
  func onlyAnAnswerIsOne(text: String, isReply: Bool) {
    #expect(HelperReply.isReply(Array(text.utf8)) == isReply)
  }
}
