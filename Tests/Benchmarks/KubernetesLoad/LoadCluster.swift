import TestAPIServer

/// A cluster of many pods that change, and what Steer should answer each address at any time.
///
/// Every slot is an address of loopback, so that the checker can ask from it, and has a pod or none. A pod's namespace
/// belongs to a group; each group but the last may use the route, by a Service of its own.
struct LoadCluster {
  let server: TestAPIServer
  let truth: Truth
  /// The slot of the pod that a list tells last, of those whose answer is an address.
  let lastListedSlot: Int
  private let namespaces: Int
  /// How many times each route's Service has moved.
  private var moves: [Int]
  private let running = PodSample.template(isRunning: true)
  private let pending = PodSample.template(isRunning: false)
  private var slots: [Slot]
  private var lastPod: Int

  private enum Slot {
    case empty
    /// A pod that has no address yet.
    case pending(pod: Int, namespace: Int)
    case running(pod: Int, namespace: Int)
  }

  /// A cluster of so many running pods, and a tenth more slots than that.
  init(pods: Int, namespaces: Int, routes: Int) async throws {
    // Revisions of ten digits, as templates need them.
    server = try await TestAPIServer.start(revision: 1_000_000_000)
    truth = Truth(slots: pods + pods / 10 + 1)
    self.namespaces = namespaces
    moves = Array(repeating: 0, count: routes)
    // Lists go by namespace.
    lastListedSlot =
      (0..<pods).filter { LoadPolicy.answer(ofNamespace: $0 % namespaces) != .nothing }
      .max { ($0 % namespaces, $0) < ($1 % namespaces, $1) } ?? 0
    slots = Array(repeating: .empty, count: truth.slots)
    lastPod = pods
    for object in try LoadPolicy.objects(namespaces: namespaces, routes: routes) { try server.apply(object) }
    for pod in 0..<pods { run(pod, in: pod % namespaces, at: pod) }
  }

  /// How many octets a pod has.
  var podSizes: (json: Int, protobuf: Int) { running.sizes }

  /// Changes a slot that is drawn: its pod goes, or one is made, or that gets its address.
  mutating func change() { change(.random(in: slots.indices)) }

  /// Changes a slot that is drawn until another answer is due, and says which.
  mutating func changeAnswer() -> (slot: Int, answer: SteeredAnswer) {
    while true {
      let slot = Int.random(in: slots.indices)
      let before = truth.answer(of: slot)
      // From any state it takes at most three steps to be there again.
      for _ in 0..<3 {
        change(slot)
        let after = truth.answer(of: slot)
        if after != before { return (slot, after) }
      }
    }
  }

  /// Gives the Service of a route that is drawn another ClusterIP, and says whom it should be answered, and to whom.
  ///
  /// Nil if there is no such route, or none of its pods.
  mutating func move() -> (host: String, slot: Int, answer: SteeredAnswer)? {
    guard let route = moves.indices.randomElement() else { return nil }
    let slot = slots.indices.shuffled().first { slot in
      guard case .running(_, let namespace) = slots[slot] else { return false }
      return LoadPolicy.group(ofNamespace: namespace) == LoadPolicy.group(ofRoute: route)
    }
    guard let slot else { return nil }
    moves[route] += 1
    let service = LoadPolicy.service(ofRoute: route, moves: moves[route])
    try? server.apply(service.object)
    return (LoadPolicy.host(ofRoute: route), slot, .address(service.address))
  }

  private mutating func change(_ slot: Int) {
    switch slots[slot] {
    case .empty:
      lastPod += 1
      let namespace = Int.random(in: 0..<namespaces)
      slots[slot] = .pending(pod: lastPod, namespace: namespace)
      apply(pending, lastPod, in: namespace, at: slot)
    case .pending(let pod, let namespace): run(pod, in: namespace, at: slot)
    case .running(let pod, let namespace):
      slots[slot] = .empty
      truth.change(slot, to: .nothing) {
        server.delete(.pods, namespace: LoadPolicy.name(ofNamespace: namespace), name: PodSample.name(of: pod))
      }
    }
  }

  private mutating func run(_ pod: Int, in namespace: Int, at slot: Int) {
    slots[slot] = .running(pod: pod, namespace: namespace)
    truth.change(slot, to: LoadPolicy.answer(ofNamespace: namespace)) {
      apply(running, pod, in: namespace, at: slot)
    }
  }

  private func apply(_ template: ObjectTemplate, _ pod: Int, in namespace: Int, at slot: Int) {
    let name = PodSample.name(of: pod)
    let namespace = LoadPolicy.name(ofNamespace: namespace)
    server.apply(
      template, [name, namespace, PodSample.uid(of: pod), SlotAddress(slot).text], of: .pods, namespace: namespace,
      name: name)
  }
}
