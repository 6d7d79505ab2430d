/// Tells what a resource's objects are and how they change: a list, then a watch, for as long as it runs.
public struct Reflector<Object: Sendable>: Sendable {
  let client: KubernetesClient
  let resource: Resource<Object>
  let namespace: String?
  let settings: ReflectorSettings

  /// A reflector of a resource, in one namespace or in all.
  public init(
    _ client: KubernetesClient, _ resource: Resource<Object>, namespace: String? = nil,
    settings: ReflectorSettings = ReflectorSettings()
  ) {
    self.client = client
    self.resource = resource
    self.namespace = namespace
    self.settings = settings
  }

  /// Lists and watches until the task is cancelled.
  ///
  /// `deliver` is called with what came, in order, one call at a time; while it has not returned no more is read.
  public func run(_ deliver: @Sendable ([Change<Object>]) async -> Void) async {
    var reflection = Reflection(self)
    while !Task.isCancelled {
      let wait = await reflection.advance(deliver)
      // After a fault, so that a server in trouble is left alone; cancelling ends it.
      if wait > .zero { try? await Task.sleep(for: wait) }
    }
  }
}
