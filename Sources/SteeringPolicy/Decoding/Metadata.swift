/// The part of an object's `metadata` that is used.
struct Metadata {
  /// The object's name.
  var name: String
  /// Where the name stands.
  var location: SourceLocation
  /// The namespace of a namespaced object.
  var namespace: String?
  /// The labels.
  var labels: [String: String]
  /// When the object was made, in UTC as `2006-01-02T15:04:05Z`: text order is time order.
  var creationTimestamp: String?

  /// Reads `metadata`; nil if the name, or a namespaced object's namespace, cannot be read, which is reported.
  init?(of document: Document) {
    guard let fields = document.fields.required("metadata")?.fields() else { return nil }
    let nameValue = fields.required("name")
    let isLabel = document.kind == .egressRoute || document.kind == .namespace
    let name = isLabel ? nameValue?.labelName() : nameValue?.objectName()
    labels = fields.optional("labels")?.fields()?.strings() ?? [:]
    if document.kind.isOwn {
      if let namespace = fields.optional("namespace") {
        namespace.report(.invalidValue, "is set, but \(document.kind.rawValue) is cluster-scoped; remove it")
      }
      fields.ignore(
        "annotations", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields",
        "finalizers", "ownerReferences", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds",
        "generateName")
      fields.finish()
    } else if document.kind != .namespace {
      namespace = fields.required("namespace")?.labelName()
      if document.kind == .pod { creationTimestamp = fields.optional("creationTimestamp")?.timestamp() }
      if namespace == nil { return nil }
    }
    guard let nameValue, let name else { return nil }
    self.name = name
    location = nameValue.location
  }

  /// The namespace and name of a namespaced object.
  var namespacedName: NamespacedName { NamespacedName(namespace: namespace ?? "", name: name) }
}

extension Value {
  /// A time as Kubernetes writes it; a fault is reported.
  fileprivate func timestamp() -> String? {
    guard let text = string() else { return nil }
    let digits = String(text.map { $0.isASCII && $0.isNumber ? "0" : $0 })
    if digits == "0000-00-00T00:00:00Z" { return text }
    report(.invalidValue, "'\(text.prefix(40))' is not a time; write it as 2026-11-23T08:50:07Z")
    return nil
  }
}

extension Document {
  /// The metadata and the spec's fields of one of the policy's own kinds; nil if either cannot be read.
  func metadataAndSpec() -> (metadata: Metadata, spec: FieldReader)? {
    let metadata = Metadata(of: self)
    let spec = fields.required("spec")?.fields()
    fields.ignore("status")
    fields.finish()
    guard let metadata, let spec else { return nil }
    return (metadata, spec)
  }
}
