import Testing

@testable import KubernetesAPI

/// What a real API server answered is read as it is.
@Suite struct RecordingTests {
  private static let api1 = Pod(
    namespace: "team-a", name: "api-1", uid: "e39656e5-8948-4052-9c2e-b016c55a03cb", created: 1_795_423_807,
    serviceAccount: "", addresses: ["127.0.1.1"], nodeAddresses: ["10.0.0.9"])

  @Test func podsComeInPages() throws {
    let codec = JSONCodec<JSONPod>()
    let first = try codec.page(Recording("pods.page1.json").body)
    #expect(first.version == "245")
    #expect(
      first.continuation == "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjQ1LCJzdGFydCI6Ii90ZWFtLWEvYXBpLTFcdTAwMDAifQ")
    #expect(first.objects.map(\.object) == [Self.api1])
    #expect(first.objects.map(\.name) == ["team-a/api-1"])
    #expect(first.objects.map(\.version) == ["220"])

    let last = try codec.page(Recording("pods.page2.json").body)
    #expect(last.version == "245")
    #expect(last.continuation == nil)
    #expect(last.objects.map(\.object.addresses) == [["127.0.1.2"]])
  }

  @Test func podsComeInProtobuf() throws {
    let page = try ProtobufCodec<WirePodList>().page(Recording("pods.list.protobuf.bin").body)
    #expect(page.version == "75")
    #expect(page.continuation == nil)
    #expect(page.objects.map(\.name) == ["team-a/api-1", "team-b/api-2"])
    #expect(
      page.objects.first?.object
        == Pod(
          namespace: "team-a", name: "api-1", uid: "9d841a45-27e3-44fd-9fa9-6ab2b864b213", created: 1_795_426_722,
          serviceAccount: "", addresses: ["10.8.1.5"], nodeAddresses: ["10.0.0.9"]))
  }

  @Test func servicesHaveAddressesPortsAndTargets() throws {
    let page = try JSONCodec<JSONService>().page(Recording("services.intra-proxy.headless.list.json").body)
    #expect(page.objects.map(\.object.name) == ["microsoft", "squid-headless", "squid-proxy"])
    #expect(page.objects.map(\.object.clusterIPs) == [["10.96.121.150"], ["None"], ["10.96.234.213"]])
    #expect(
      page.objects.map(\.object.ports)
        == [
          [Service.Port(port: 3128, target: .number(13128))], [Service.Port(port: 3128, target: .number(13128))],
          [Service.Port(port: 3128, target: .number(3128))],
        ])
    #expect(page.objects.allSatisfy { $0.object.type == "ClusterIP" })
  }

  @Test func namespacesHaveLabels() throws {
    let page = try JSONCodec<JSONNamespace>().page(Recording("namespaces.list.json").body)
    #expect(page.objects.count == 8)
    #expect(page.objects.map(\.name).first == "/default")
    #expect(page.objects.last?.object.labels == ["kubernetes.io/metadata.name": "team-c"])
  }

  @Test func endpointsAreReadyOrNot() throws {
    let page = try JSONCodec<JSONEndpointSlice>().page(Recording("endpointslices.list.json").body)
    let slice = try #require(page.objects.first?.object)
    #expect(slice.service == "squid-headless")
    #expect(slice.addressType == "IPv4")
    #expect(
      slice.endpoints
        == [
          EndpointSlice.Endpoint(addresses: ["10.8.9.10"], isReady: true, isTerminating: false),
          EndpointSlice.Endpoint(addresses: ["10.8.9.11"], isReady: false, isTerminating: true),
        ])
  }

  @Test(arguments: [1, 7, 4096, 1 << 20]) func aWatchIsReadInWhateverPiecesItComes(size: Int) throws {
    let events = try Recording("pods.watch.txt").events(JSONCodec<JSONPod>(), inPiecesOf: size)
    #expect(
      events.map(\.summary)
        == [
          "applied team-a/api-3 246", "applied team-a/api-3 247", "applied team-a/api-3 248",
          "deleted team-a/api-3 249", "bookmark 249", "bookmark 249",
        ])
    #expect(events.first?.object?.addresses == [])
    #expect(events.dropFirst().first?.object?.addresses == ["10.8.1.7", "fd00::7"])
  }

  @Test(arguments: [1, 7, 4096, 1 << 20]) func aProtobufWatchIsReadInWhateverPiecesItComes(size: Int) throws {
    let recording = try Recording("pods.watchlist.protobuf.http.bin")
    #expect(recording.head.mediaType == "application/vnd.kubernetes.protobuf;stream=watch")
    let codec = try Resource.pods.codec(recording.head.mediaType)
    let events = try recording.events(codec, inPiecesOf: size)
    #expect(
      events.map { $0.summary.split(separator: " ").first } == [
        "applied", "applied", "bookmark", "applied", "deleted", "bookmark",
      ])
    #expect(events.compactMap(\.object?.name) == ["api-1", "api-2", "api-2", "api-2"])
    #expect(events.filter { $0.summary.hasSuffix(" end") }.count == 1)
  }

  @Test func aWatchListSaysWhereTheInitialEventsEnd() throws {
    let events = try Recording("pods.watchlist.txt").events(JSONCodec<JSONPod>(), inPiecesOf: 4096)
    #expect(
      events.prefix(4).map(\.summary)
        == ["applied team-a/api-1 220", "applied team-b/api-2 221", "bookmark 245 end", "applied team-a/api-3 246"])
    #expect(events.first?.object == Self.api1)
  }

  @Test func aServiceThatIsMadeAgainIsAnother() throws {
    let events = try Recording("services.watch.txt").events(JSONCodec<JSONService>(), inPiecesOf: 4096)
    #expect(
      events.map(\.summary)
        == [
          "deleted intra-proxy/squid-proxy 250", "applied intra-proxy/squid-proxy 253",
          "applied intra-proxy/microsoft 254", "bookmark 258", "bookmark 258",
        ])
    #expect(events.compactMap { $0.object?.clusterIPs.first } == ["10.96.185.248", "10.96.87.148", "10.96.205.13"])
    #expect(events.first?.object?.uid != events.dropFirst().first?.object?.uid)
  }

  @Test func anExpiredVersionIsToldInTheStream() throws {
    let events = try Recording("pods.watch.410.txt").events(JSONCodec<JSONPod>(), inPiecesOf: 4096)
    guard case .failed(let refusal) = try #require(events.first) else {
      Issue.record("no failure but \(events)")
      return
    }
    #expect(refusal.isExpired)
    #expect(refusal.message == "too old resource version: 10 (279)")
  }

  @Test(arguments: [
    ("pods.list.401-anon.txt", 403, "Forbidden"), ("pods.list.401-bad-token.txt", 401, "Unauthorized"),
    ("pods.list.403.txt", 403, "Forbidden"), ("crd-not-installed.404.txt", 404, ""),
    ("lease.create.409.txt", 409, "AlreadyExists"), ("lease.update.409.txt", 409, "Conflict"),
  ])
  func aRefusalIsUnderstood(name: String, code: Int, reason: String) throws {
    let recording = try Recording(name)
    let refusal = Refusal(recording.head, body: recording.body)
    #expect(refusal.code == code)
    #expect(refusal.reason == reason)
    #expect(!refusal.message.isEmpty)
    #expect(!refusal.isExpired)
  }
}
