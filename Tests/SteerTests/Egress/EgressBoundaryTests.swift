import Testing

/// What keeps a pod from going around the proxy, and what is refused to the proxy itself.
@Suite(.serialized, .timeLimit(.minutes(5))) struct EgressBoundaryTests {
  @Test func theSecondTierRefusesWhatNoRouteAllowsToo() async throws {
    try await EgressLab.prepare { egress in
      for host in ["int-proxy.aibang.com", "int-proxy-2.aibang.com"] {
        let allowed = try await egress.curl(through: "http://\(host):3128", from: .steer)
        #expect(allowed.connect == 200 && allowed.status == 200, "\(allowed)")
        let other = try await egress.curl(EgressLab.otherURL, through: "http://\(host):3128", from: .steer)
        #expect(other.exit == 56 && other.connect == 403, "\(other)")
        let port = try await egress.curl("\(EgressLab.url):8443", through: "http://\(host):3128", from: .steer)
        #expect(port.exit == 56 && port.connect == 403, "\(port)")
      }
    }
  }

  /// The second half shows that the first is not so for want of a way.
  @Test func aPodHasNoWayAroundTheProxyBecauseOfTheClustersRules() async throws {
    try await EgressLab.prepare { egress in
      let vm = "http://\(Lab.Place.firstVM.address):3128"
      let toOrigin = ["--connect-to", "::\(Lab.Place.origin.address):443"]
      for pod in Lab.Place.pods {
        let direct = try await egress.curl(through: nil, from: pod, toOrigin)
        #expect(direct.exit == 7, "\(direct)")
        let throughVM = try await egress.curl(through: vm, from: pod)
        #expect(throughVM.exit == 7, "\(throughVM)")
      }
      try await egress.openCluster()
      for pod in Lab.Place.pods {
        let direct = try await egress.curl(through: nil, from: pod, toOrigin)
        #expect(direct.exit == 0 && direct.status == 200, "\(direct)")
        // The VM knows by itself that a pod is none of its clients.
        let throughVM = try await egress.curl(through: vm, from: pod)
        #expect(throughVM.exit == 56 && throughVM.connect == 403, "\(throughVM)")
      }
    }
  }
}
