import Forwarders
import Foundation
import Testing

@Suite struct CorefileConfigMapTests {
  private let corefile = """
    .:53 {
        forward . /etc/resolv.conf
    }

    intra.aibang.local:53 {
        rewrite continue edns0 local unset 0xffee
        rewrite edns0 local set 0xffee {client_ip} revert
        forward . 10.0.0.1 {
            health_check 1s domain intra.aibang.local
        }
        cache 30
    }

    """

  private func places(_ text: String) -> [String] {
    CorefileChecker().check(text, path: "f").findings.map { "\($0.location) \($0.code.rawValue)" }
  }

  @Test func plainFileHasItsOwnPlaces() {
    #expect(places(corefile) == ["f:11:5 cached"])
    #expect(places("\u{FEFF}" + corefile) == ["f:11:5 cached"])
    #expect(
      places(corefile.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")) == [
        "f:11:5 cached"
      ])
  }

  /// The Corefile as a block scalar of a ConfigMap; its `cache` stands in line 17.
  private func configMap(_ style: String, indentation: String = "    ", newline: String = "\n") -> String {
    let head = ["apiVersion: v1", "kind: ConfigMap", "metadata:", "  name: coredns", "data:", "  Corefile: \(style)"]
    let body = corefile.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : indentation + $0 }
    return (head + body).joined(separator: newline)
  }

  @Test(arguments: ["|", "|-", "|+", "|2  # all of it"])
  func blockScalarHasThePlacesOfTheFile(style: String) {
    #expect(places(configMap(style)) == ["f:17:9 cached"])
    #expect(places(configMap(style, newline: "\r\n")) == ["f:17:9 cached"])
  }

  @Test func firstLineMayBeIndentedFurther() {
    #expect(places(configMap("|2", indentation: "      ")) == ["f:17:11 cached"])
  }

  @Test func jsonHasThePlacesOfTheFile() throws {
    let object = ["apiVersion": "v1", "kind": "ConfigMap"] as [String: Any]
    var whole = object
    whole["data"] = ["Corefile": corefile]
    for options in [JSONSerialization.WritingOptions.sortedKeys, [.sortedKeys, .prettyPrinted]] {
      let data = try JSONSerialization.data(withJSONObject: whole, options: options)
      let text = String(decoding: data, as: UTF8.self)
      let found = try #require(text.range(of: "cache 30"))
      let before = text[..<found.lowerBound]
      let line = before.count { $0 == "\n" } + 1
      let column = before.reversed().prefix { $0 != "\n" }.count + 1
      #expect(places(text) == ["f:\(line):\(column) cached"])
    }
  }

  @Test func everyObjectOfAListIsRead() {
    let text = """
      apiVersion: v1
      kind: List
      items:
      - kind: ConfigMap
        data:
          steer.server: |
            a.example {
              rewrite edns0 subnet set 32 128 revert
            }
      - kind: ConfigMap
        data: {Corefile.base: "b.example {\\n rewrite edns0 subnet set 24 128 revert\\n}\\n"}
      """
    #expect(
      places(text) == [
        "f:7:7 forward-missing", "f:11:26 forward-missing", "f:11:40 subnet-too-coarse",
      ])
  }

  @Test func brokenObjectsAreReportedWhereTheyBreak() {
    #expect(places("kind: ConfigMap\ndata: [\n").first?.hasSuffix("corefile-syntax") == true)
    #expect(places("{\"data\": ").first?.hasSuffix("corefile-syntax") == true)
    #expect(places("kind: ConfigMap\ndata: {}\n") == ["f:1:1 corefile-missing"])
    #expect(places("kind: &a x\ndata: *a\n") == ["f:2:7 corefile-syntax"])
    #expect(places("kind: ConfigMap\ndata:\n  Corefile: |\n    . {\n      }}\n") == ["f:4:7 corefile-syntax"])
  }
}
