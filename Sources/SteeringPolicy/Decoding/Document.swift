import Yams

/// The kinds of documents that are read.
enum Kind: String, CaseIterable {
  case steeringZone = "SteeringZone"
  case egressRoute = "EgressRoute"
  case egressPolicy = "EgressPolicy"
  case egressTest = "EgressTest"
  case service = "Service"
  case namespace = "Namespace"
  case pod = "Pod"
  case endpointSlice = "EndpointSlice"

  /// The API group of the policy's own kinds.
  static let group = "egress.aibang.com"

  /// The `apiVersion` in which the kind is read.
  var apiVersion: String {
    switch self {
    case .steeringZone, .egressRoute, .egressPolicy, .egressTest: Self.group + "/v1alpha1"
    case .service, .namespace, .pod: "v1"
    case .endpointSlice: "discovery.k8s.io/v1"
    }
  }

  /// Whether the kind is of the policy's own group, and so read strictly.
  var isOwn: Bool { apiVersion.hasPrefix(Self.group) }
}

/// One object: a document, or an item of a list, with a kind that is read.
struct Document {
  /// What the root mapping is called in messages.
  static let rootPath = "the document"

  /// The kind.
  let kind: Kind
  /// The root mapping's fields.
  let fields: FieldReader

  /// The objects that a YAML document holds: itself, or the items of a list.
  static func unfold(_ root: Node, from source: Source, unread: inout Unread) -> [Document] {
    let value = Value(node: root, path: rootPath, source: source)
    if value.isNull { return [] }
    guard let fields = value.fields() else {
      unread.add(root)
      return []
    }
    guard let name = fields.optional("kind")?.scalarText, name.hasSuffix("List") else {
      return document(fields, unread: &unread).map { [$0] } ?? []
    }
    // `items: null` is how an empty list is sometimes written.
    guard let items = fields.optional("items") else { return [] }
    if let rest = fields.optional("metadata")?.fields()?.optional("continue"), rest.scalarText?.isEmpty == false {
      rest.report(
        .partialList,
        "says that the list goes on on another page; get it whole, as kubectl does, or add the other pages")
    }
    // Items of typed lists come without a kind of their own.
    let itemKind = name == "List" ? nil : String(name.dropLast(4))
    let apiVersion = fields.optional("apiVersion")?.scalarText
    guard let list = items.items(atMost: Limits.documents) else {
      unread.add(root)
      return []
    }
    return list.compactMap { item in
      guard let fields = Value(node: item.node, path: rootPath, source: source).fields() else { return nil }
      return document(fields, kind: itemKind, apiVersion: apiVersion, unread: &unread)
    }
  }

  /// The object of a mapping, or nil for a kind that is not read, which is reported.
  private static func document(
    _ fields: FieldReader, kind listKind: String? = nil, apiVersion listVersion: String? = nil,
    unread: inout Unread
  ) -> Document? {
    let kindValue = listKind == nil ? fields.required("kind") : fields.optional("kind")
    let versionValue = listKind == nil ? fields.required("apiVersion") : fields.optional("apiVersion")
    let kindText = kindValue.map { $0.string() } ?? listKind
    let version = versionValue.map { $0.string() } ?? listVersion
    guard let kindText, let version else {
      unread.add(fields.value.node)
      return nil
    }
    let kind = Kind(rawValue: kindText)
    if let kind, kind.apiVersion == version { return Document(kind: kind, fields: fields) }
    unread.add(fields.value.node)
    let isOwnGroup = version == Kind.group || version.hasPrefix(Kind.group + "/")
    if isOwnGroup { unread.mayHoldZone = true }
    let findings = fields.value.source.findings
    if isOwnGroup, version != Kind.steeringZone.apiVersion {
      findings.report(
        .unsupportedVersion, at: (versionValue ?? fields.value).location,
        "apiVersion '\(version.prefix(80))' is not supported; use \(Kind.steeringZone.apiVersion)")
      return nil
    }
    let known = Kind.allCases.filter { !isOwnGroup || $0.isOwn }
    let suggestion = NearestName.suggestion(for: kindText, among: known.map(\.rawValue))
    let list = Dictionary(grouping: known, by: \.apiVersion).sorted { $0.key > $1.key }
      .map { version, kinds in kinds.map(\.rawValue).joined(separator: ", ") + " of " + version }
    findings.report(
      .unknownKind, at: (kindValue ?? fields.value).location,
      "kind '\(kindText.prefix(80))' of \(version.prefix(80)) is not read\(suggestion); the kinds read are "
        + list.joined(separator: "; ") + "; keep other manifests in another folder")
    return nil
  }
}
