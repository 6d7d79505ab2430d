import Foundation
import TestSupport
import Testing

@testable import ProxyRoutes

/// A line is taken for JSON if it is JSON, and its members are found: Foundation's reader is the oracle.
@Suite struct JSONMembersTests {
  private func read(_ text: [UInt8], _ names: [String] = ["a", "b"]) -> [JSONMembers.Value]? {
    var members = JSONMembers(names)
    return members.read(text, 0..<text.count) ? members.values : nil
  }

  private func texts(_ line: String) -> [String?]? {
    let octets = Array(line.utf8)
    return read(octets)?.map { value in
      switch value {
      case .text(let range, let hasEscapes): JSONText.decode(octets[range], hasEscapes: hasEscapes)
      case .number(let range), .composite(let range): String(decoding: octets[range], as: UTF8.self)
      case .flag(let flag): "\(flag)"
      case .null: "null"
      case .absent: nil
      }
    }
  }

  @Test func membersAreFoundWhateverStandsBetweenThem() {
    #expect(texts(#"{"x":[1,{"a":2}],"b":"two","y":{"b":3},"a":-1.5e+3}"#) == ["-1.5e+3", "two"])
    #expect(texts(#" { "a" : [ ] , "b" : { "a" : null } } "#) == ["[ ]", #"{ "a" : null }"#])
    #expect(texts(#"{"a":true,"b":null}"#) == ["true", "null"])
    #expect(texts("{}") == [nil, nil])
  }

  @Test func escapesAreUndone() {
    #expect(texts(#"{"a":"\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00"}"#)?[0] == "\"\\/\u{8}\u{C}\n\r\tAé😀")
    #expect(texts(#"{"a":"\ud83d"}"#) == [nil, nil], "half a pair is no text")
  }

  @Test func aMemberThatIsThereTwiceIsNoAnswer() {
    #expect(texts(#"{"a":1,"a":1}"#) == nil)
    #expect(texts(#"{"x":1,"x":1}"#) == [nil, nil])
  }

  @Test func deepNestingIsRefusedAndNotFollowed() {
    let deep = #"{"x":"# + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000) + "}"
    #expect(texts(deep) == nil)
  }

  /// Lines with a few octets changed: both readers agree on which are JSON.
  @Test func changedLinesAreJudgedAsAnotherReaderDoes() throws {
    let line = Array(
      #"{"time":"2026-11-24T02:10:07.123Z","a":"x\u00e9\\y","n":-10.5e-3,"l":[true,false,null,{}],"b":{"k":"v"}}"#
        .utf8)
    var generator = SeededGenerator(seed: 3)
    let alphabet = Array(#"{}[]":,\u0123456789eE+-.tfn x"#.utf8)
    var accepted = 0
    for _ in 0..<20_000 {
      var changed = line
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        let index = Int.random(in: 0..<changed.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: changed[index] = alphabet.randomElement(using: &generator) ?? 0x20
        case 1: changed.remove(at: index)
        default: changed.insert(alphabet.randomElement(using: &generator) ?? 0x20, at: index)
        }
      }
      let object = try? JSONSerialization.jsonObject(with: Data(changed)) as? [String: Any]
      let isRead = read(changed, ["none"]) != nil
      if isRead { accepted += 1 }
      let text = String(decoding: changed, as: UTF8.self)
      // Half a pair of surrogates is seen only when its text is decoded, and Foundation lets a comma end a list.
      if text.lowercased().contains("\\ud") || text.contains(/,\s*[}\]]/) { continue }
      #expect(isRead == (object != nil), "\(text)")
    }
    #expect((1_000..<19_000).contains(accepted), "\(accepted)")
  }
}
