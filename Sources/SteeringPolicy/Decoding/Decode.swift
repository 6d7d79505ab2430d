extension DecodedObjects {
  /// Reads every document of a file; faults are reported.
  init(_ file: PolicyFile, into findings: Findings) {
    var count = 0
    for (root, source) in YAMLDocuments.read(file, into: findings, unread: &unread) {
      for document in Document.unfold(root, from: source, unread: &unread) {
        count += 1
        guard count <= Limits.documents else { continue }
        if !add(document) {
          unread.add(document.fields.value.node)
          if document.kind == .steeringZone { unread.mayHoldZone = true }
        }
      }
    }
    if count > Limits.documents {
      findings.report(
        .tooMany, at: file.start,
        "the file has \(count) objects, more than \(Limits.documents); split it into several files")
    }
  }

  /// Takes the objects of another file.
  mutating func add(_ other: DecodedObjects) {
    zones += other.zones
    routes += other.routes
    policies += other.policies
    tests += other.tests
    services += other.services
    endpointSlices += other.endpointSlices
    namespaces += other.namespaces
    pods += other.pods
    unread.add(other.unread)
  }

  /// Reads a document; false if not even its name could be read.
  private mutating func add(_ document: Document) -> Bool {
    switch document.kind {
    case .steeringZone: Self.append(DecodedZone(document), to: &zones)
    case .egressRoute: Self.append(DecodedRoute(document), to: &routes)
    case .egressPolicy: Self.append(DecodedPolicy(document), to: &policies)
    case .egressTest: Self.append(DecodedTest(document), to: &tests)
    case .service: Self.append(DecodedService(document), to: &services)
    case .endpointSlice: Self.append(DecodedEndpointSlice(document), to: &endpointSlices)
    case .namespace: Self.append(Metadata(of: document), to: &namespaces)
    case .pod: Self.append(DecodedPod(document), to: &pods)
    }
  }

  private static func append<Object>(_ object: Object?, to objects: inout [Object]) -> Bool {
    guard let object else { return false }
    objects.append(object)
    return true
  }
}
