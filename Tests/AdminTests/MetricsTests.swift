import Control
import Foundation
import KubernetesAPI
import Steering
import TestSupport
import Testing

@testable import Admin

/// What Prometheus is told.
@Suite struct MetricsTests {
  @Test func everyCounterIsTold() async throws {
    try await serving { server, client in
      _ = try server.serve()
      let samples = try MetricFamily.read(try await client.metrics()).flatMap(\.samples)
      for kind in Counters.Kind.allCases {
        let told = samples.filter { $0.name.hasPrefix("steer_dns_") && $0.value == Double(1000 + kind.rawValue) }
        #expect(told.count == 1, "\(kind)")
      }
    }
  }

  @Test func metricsAreAsPrometheusReadsThem() async throws {
    let freshness = Freshness(ClusterResource.allCases)
    freshness.note([Change<Pod>.relisting, .synchronized], of: .pods, count: 7)
    let proxy = ServingParts.ProxyReport(
      json: [], prometheus: "# HELP steer_proxy_info Which.\n# TYPE steer_proxy_info gauge\nsteer_proxy_info 1\n")
    try await serving(freshness: freshness) { server, client in
      // Before it serves, and after.
      for families in [
        try MetricFamily.read(try await client.metrics()),
        try await {
          _ = try server.serve(
            TestPolicy.minimal, ServingParts(count: { _ in 1 }, proxy: { proxy }, isLeader: { false }))
          return try MetricFamily.read(try await client.metrics())
        }(),
      ] {
        #expect(Set(families.map(\.name)).count == families.count)
        for family in families {
          #expect((family.kind == "counter") == family.name.hasSuffix("_total"), "\(family.name)")
          #expect(Set(family.samples.map(\.series)).count == family.samples.count, "\(family.name)")
          #expect(family.samples.allSatisfy { $0.name == family.name }, "\(family.name)")
          #expect(family.name.hasPrefix("steer_") || family.name.hasPrefix("process_"))
        }
      }
      let metrics = try await client.metrics()
      for line in [
        "steer_ready 1", "steer_leader 0", "steer_pod_addresses 2", "steer_generation_serial 7",
        "steer_kubernetes_objects{resource=\"pods\"} 7", "steer_kubernetes_lists_total{resource=\"pods\"} 1",
        "steer_kubernetes_synchronized{resource=\"services\"} 0", "steer_proxy_info 1",
      ] {
        #expect(metrics.contains("\n\(line)\n"), "\(line)")
      }
      #expect(!metrics.contains("steer_kubernetes_age_seconds{resource=\"services\"}"))
    }
  }

  @Test func theyAreOfTheTypeThatPrometheusAsksFor() async throws {
    try await serving { server, _ in
      let answer = try await RawRequest.get("/metrics", from: server.endpoint).lowercased()
      #expect(
        answer.contains("\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n"), "\(answer.prefix(300))")
    }
  }
}

/// A metric with its samples, read strictly.
private struct MetricFamily {
  struct Sample {
    var name: String
    /// The name and the labels.
    var series: String
    var value: Double
  }

  struct Fault: Error {
    let line: String
  }

  var name: String
  var kind = ""
  var samples: [Sample] = []

  /// Reads text of format 0.0.4; throws at the first line that is none.
  static func read(_ text: String) throws -> [MetricFamily] {
    guard text.hasSuffix("\n") else { throw Fault(line: "the last") }
    var families: [MetricFamily] = []
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if let match = line.wholeMatch(of: /# HELP ([a-z_]+) .+/) {
        families.append(MetricFamily(name: String(match.1)))
      } else if let match = line.wholeMatch(of: /# TYPE ([a-z_]+) (counter|gauge)/),
        families.last?.name == String(match.1), families.last?.samples.isEmpty == true
      {
        families[families.count - 1].kind = String(match.2)
      } else if let match = line.wholeMatch(
        of: /(([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\})?) (\S+)/),
        let value = Double(String(match.4)), !families.isEmpty, families[families.count - 1].kind != ""
      {
        families[families.count - 1].samples.append(
          Sample(name: String(match.2), series: String(match.1), value: value))
      } else {
        throw Fault(line: line)
      }
    }
    return families
  }
}
