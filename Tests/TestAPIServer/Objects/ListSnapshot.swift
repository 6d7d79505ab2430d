/// A list as it was at a revision, read page by page.
struct ListSnapshot: Sendable {
  let resource: APIResource
  /// The namespace that is listed; nil for all.
  let namespace: String?
  let revision: Int
  /// The objects in the order of their keys.
  let objects: [StoredObject]

  /// The list of a store's objects.
  init(resource: APIResource, namespace: String?, revision: Int, of objects: [String: StoredObject]) {
    self.resource = resource
    self.namespace = namespace
    self.revision = revision
    self.objects = objects.filter { namespace == nil || namespace == $1.namespace }
      .sorted { $0.key < $1.key }.map(\.value)
  }
}
