extension WireNamespaceList: WireList {}

extension WireNamespace: WireObject {
  var object: Namespace { Namespace(name: metadata.name, uid: metadata.uid, labels: metadata.labels) }
}

struct JSONNamespace: JSONObject {
  var metadata: JSONMetadata

  var object: Namespace {
    Namespace(name: metadata.name ?? "", uid: metadata.uid ?? "", labels: metadata.labels ?? [:])
  }
}
