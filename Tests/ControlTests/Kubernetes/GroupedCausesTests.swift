import KubernetesAPI
import Testing

@testable import Control

@Suite struct GroupedCausesTests {
  @Test(arguments: [
    (["pods": "away", "services": "away", "namespaces": "away"], "all 3: away"),
    (["pods": "away", "services": "away"], "pods, services: away"),
    (["namespaces": "403", "pods": "away", "services": "away"], "namespaces: 403; pods, services: away"),
    (["pods": "away"], "pods: away"),
  ])
  func `each cause is told once, with what it concerns`(causes: [String: String], text: String) {
    let named = causes.sorted { $0.key < $1.key }.map { (name: $0.key, cause: $0.value) }
    #expect(GroupedCauses(named, of: 3).description == text)
  }

  @Test func `one thing of one is named`() {
    #expect(GroupedCauses([(name: "pods", cause: "away")], of: 1).description == "pods: away")
  }

  @Test func `of resources only those that are lost have a cause`() {
    let freshness = Freshness([.pods, .services])
    #expect(GroupedCauses(lost: freshness.states) == nil)
    freshness.note([Change<Service>.lost("away")], of: .services, count: 0)
    #expect(GroupedCauses(lost: freshness.states)?.description == "services: away")
  }
}
