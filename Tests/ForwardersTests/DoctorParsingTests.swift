import DNSWire
import Forwarders
import Testing

/// What a doctor reads: files of the host, and text from the network.
@Suite struct DoctorParsingTests {
  private func rdata(_ strings: [String]) -> [UInt8] {
    strings.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
  }

  @Test func readsACanary() throws {
    let canary = try #require(
      Canary(
        rdata: rdata([
          "query=00112233445566ff", "client=10.8.1.5", "identity=pod", "source=edns-client-ip:65518",
          "namespace=team-a", "pod=web-0", "serviceAccount=api", "view=3",
          "candidate=edns-client-ip:65518 used", "candidate=edns-client-subnet too-coarse 10.8.1.0/24",
          "candidate=source-address forwarder", "forwarder=10.8.0.53 trusted", "transport=udp",
          "edns=4096 options 65518 8", "generation=7/abc", "zone=intra.aibang.local", "later=more",
        ])))
    #expect(canary.client == IPAddress("10.8.1.5") && canary.identity == .pod && canary.view == "3")
    #expect(canary.candidates.map(\.result) == [.used, .tooCoarse, .forwarder])
    #expect(canary.candidates[1].value == "10.8.1.0/24")
    #expect(canary.forwarder == IPAddress("10.8.0.53") && canary.isForwarderTrusted)
    #expect(canary.edns == "4096 options 65518 8" && canary.serviceAccount == "api")
    let unready = Canary(rdata: rdata(["query=1", "identity=unknown, pods not synchronized"]))
    #expect(unready?.identity == .unsynchronized && unready?.client == nil && unready?.source == "none")
  }

  @Test func refusesWhatIsNoCanary() {
    #expect(Canary(rdata: []) == nil)
    #expect(Canary(rdata: rdata(["v=spf1 -all"])) == nil)
    #expect(Canary(rdata: [9] + Array("query=1".utf8)) == nil)
    #expect(Canary(rdata: rdata(Array(repeating: "query=1", count: 65))) == nil)
    #expect(Canary(rdata: rdata(["query=1", "candidate=x", "candidate=", "forwarder="]))?.candidates == [])
  }

  @Test func noTextFromOutsideReachesATerminalAsItIs() {
    let canary = Canary(rdata: rdata(["query=1", "namespace=a\u{1B}[2Jb\u{202E}"]))
    #expect(canary?.namespace == "a?[2Jb???")
  }

  @Test func survivesRandomText() {
    var random = SplitMix(state: 7)
    for _ in 0..<5_000 {
      let count = Int(random.next() % 80)
      var octets = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      // Half of them begin as a canary does, so that the keys are reached.
      if random.next().isMultiple(of: 2) { octets = rdata(["query=1", "candidate=a used"]) + [3] + octets }
      _ = Canary(rdata: octets)
      let text = String(decoding: octets, as: UTF8.self)
      _ = ResolverConfiguration("nameserver \(text)\nsearch \(text)\noptions ndots:\(text)\n\(text)")
      _ = NameServiceSwitch("hosts: \(text)\nhosts:\(text)")
    }
  }

  @Test func readsResolvConfAsGlibcDoes() throws {
    let read = ResolverConfiguration(
      """
      # a comment
      ; another
      nameserver 10.96.0.10
      nameserver fd00::a
      nameserver fe80::1%eth0
      nameserver 10.0.0.2
      nameserver 10.0.0.3
      domain first.example
      search\tteam-a.svc.cluster.local  cluster.local
      options ndots:99 timeout:1 ndots:x
      """)
    #expect(read.nameservers.map(\.description) == ["10.96.0.10", "fd00::a", "10.0.0.2"])
    #expect(read.ignored == ["fe80::1%eth0", "10.0.0.3"])
    #expect(read.search == ["team-a.svc.cluster.local", "cluster.local"])
    #expect(read.dots == 15)
    #expect(ResolverConfiguration("").dots == 1)
    let names = read.candidates(for: try DomainName("a.b")).map(\.relativeDescription)
    #expect(names == ["a.b.team-a.svc.cluster.local", "a.b.cluster.local", "a.b"])
    let absolute = ResolverConfiguration("search x.y\noptions ndots:1").candidates(for: try DomainName("a.b"))
    #expect(absolute.map(\.relativeDescription) == ["a.b", "a.b.x.y"])
  }

  @Test func readsNSSwitch() {
    let read = NameServiceSwitch(
      """
      passwd: files
      hosts:\tfiles mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] dns mdns4 # end
      """)
    #expect(read.hosts.map(\.name) == ["files", "mdns4_minimal", "resolve", "dns", "mdns4"])
    #expect(read.multicastBeforeDNS.map(\.action) == ["[NOTFOUND=return]", "[!UNAVAIL=return]"])
    #expect(NameServiceSwitch("hosts: [ [").hosts.isEmpty)
  }

  /// A small seeded generator, so that a failure can be had again.
  private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }
}
