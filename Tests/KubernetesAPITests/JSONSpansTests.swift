import Testing

@testable import KubernetesAPI

@Suite struct JSONSpansTests {
  private static func members(_ text: String) throws -> [String: String] {
    let octets = Array(text.utf8)
    return try JSONSpans.members(of: octets, in: 0..<octets.count)
      .mapValues { String(decoding: octets[$0], as: UTF8.self) }
  }

  @Test func valuesAreFoundAsTheyAreWritten() throws {
    let members = try Self.members(
      #" { "a" : "x\"}{" , "b":{"c":[1,{"]":"}"}]},"d":[ ],"e":-1.5e3,"f":null , "g":true } "#)
    #expect(
      members == [
        "a": #""x\"}{""#, "b": #"{"c":[1,{"]":"}"}]}"#, "d": "[ ]", "e": "-1.5e3", "f": "null", "g": "true",
      ])
  }

  @Test func elementsAreFoundAsTheyAreWritten() throws {
    let octets = Array(#"[{"a":1} , "],", 2,[3]]"#.utf8)
    let elements = try JSONSpans.elements(of: octets, in: 0..<octets.count)
      .map { String(decoding: octets[$0], as: UTF8.self) }
    #expect(elements == [#"{"a":1}"#, #""],""#, "2", "[3]"])
  }

  @Test(arguments: [
    "", " ", "[", "{", #"{"a"#, #"{"a"}"#, #"{"a":"#, #"{"a":}"#, #"{"a":1"#, #"{"a":1 "b":2}"#, #"{"a":"\"#,
    #"{"a":[{}"#, "nonsense",
  ])
  func whatEndsEarlyIsNoObject(text: String) {
    #expect(throws: DecodingFault.self) { try Self.members(text) }
  }

  @Test func whatIsCutOffAnywhereIsAFaultAndNoTrap() {
    let octets = Array(#"{"type":"ADDED","object":{"metadata":{"name":"a\\\"b"},"spec":[[1],{"x":null}]}}"#.utf8)
    for size in 0..<octets.count {
      #expect(throws: DecodingFault.self) { try JSONSpans.members(of: Array(octets[..<size]), in: 0..<size) }
    }
  }
}
