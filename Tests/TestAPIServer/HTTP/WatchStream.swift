import NIOCore

/// A watch that is being answered; bound to its event loop.
final class WatchStream {
  /// What is sent next: more than can be is kept as it is, not as octets.
  private enum Item {
    case event(StoreEvent)
    case bookmark(revision: Int, endsInitialEvents: Bool)
    case expired(StatusError)
  }

  /// So many octets are worth a write.
  private static let partSize = 32 << 10

  private let plan: WatchPlan
  private let store: ObjectStore
  private let sender: BodySender
  private let fault: Fault?
  private var number: Int?
  private var items: [Item] = []
  private var sent = 0
  private var tasks: [() -> Void] = []

  init(_ plan: WatchPlan, store: ObjectStore, sender: BodySender, fault: Fault?) {
    self.plan = plan
    self.store = store
    self.sender = sender
    self.fault = fault
  }

  /// Begins to tell.
  func start(on eventLoop: any EventLoop, bookmarkInterval: TimeAmount) {
    if case .isExpired = fault { return refuse() }
    let this = NIOLoopBound(self, eventLoop: eventLoop)
    let subscription = store.watch(plan.resource, namespace: plan.namespace, from: plan.beginning) { signal in
      eventLoop.execute { this.value.hear(signal) }
    }
    guard let subscription else { return refuse() }
    number = subscription.number
    items = inOrder(subscription.events).map { .event($0) }
    if case .allObjects(endsWithBookmark: true) = plan.beginning {
      items.append(.bookmark(revision: subscription.revision, endsInitialEvents: true))
    }
    if plan.wantsBookmarks {
      let task = eventLoop.scheduleRepeatedTask(initialDelay: bookmarkInterval, delay: bookmarkInterval) { _ in
        this.value.store.bookmark(subscription.number)
      }
      tasks.append { task.cancel() }
    }
    if let seconds = plan.seconds {
      let task = eventLoop.scheduleTask(in: .seconds(Int64(seconds))) { this.value.finish() }
      tasks.append { task.cancel() }
    }
    sendMore()
  }

  /// Ends the watch and the answer.
  func finish() {
    stop()
    sender.end()
  }

  /// Ends the watch: there is nobody to tell any more.
  func stop() {
    tasks.forEach { $0() }
    tasks = []
    items = []
    sent = 0
    if let number { store.endWatch(number) }
    number = nil
  }

  /// Sends as much as the client takes.
  func sendMore() {
    if case .tellsNothing = fault { return }
    while sender.canTakeMore, let part = nextPart() {
      sender.send(part.octets)
      if part.isLast { finish() }
    }
  }

  /// Takes as many events as go together in one write, and says whether the watch ends with them.
  private func nextPart() -> (octets: [UInt8], isLast: Bool)? {
    var octets: [UInt8] = []
    while octets.count < Self.partSize, let item = nextItem() {
      switch item {
      case .event(let event): octets += plan.encoding.event(event, of: plan.resource)
      case .bookmark(let revision, let endsInitialEvents):
        octets += plan.encoding.bookmark(revision, endsInitialEvents: endsInitialEvents, of: plan.resource)
      case .expired(let error): return (octets + plan.encoding.error(error), true)
      }
    }
    return octets.isEmpty ? nil : (octets, false)
  }

  /// Takes what is sent next: before it is sent, for sending may find that more can be, and come back here.
  private func nextItem() -> Item? {
    guard sent < items.count else { return nil }
    let item = items[sent]
    sent += 1
    // Not each time: to move what waits costs as much as that is.
    if 2 * sent > items.count {
      items.removeFirst(sent)
      sent = 0
    }
    return item
  }

  private func hear(_ signal: WatchSignal) {
    guard number != nil else { return }
    switch signal {
    case .event(let event): items += inOrder([event]).map { .event($0) }
    case .bookmark(let revision):
      guard plan.wantsBookmarks else { return }
      items.append(.bookmark(revision: revision, endsInitialEvents: false))
    case .expired: items.append(.expired(tooOld))
    }
    sendMore()
  }

  private func refuse() {
    sender.send(plan.encoding.error(tooOld))
    finish()
  }

  private var tooOld: StatusError {
    let revision = if case .after(let revision) = plan.beginning { revision } else { 0 }
    return .expired("too old resource version: \(revision) (\(store.revision))")
  }

  /// The events as the fault has them.
  private func inOrder(_ events: [StoreEvent]) -> [StoreEvent] {
    switch fault {
    case .tellsBookmarksOnly: return []
    case .tellsTwice: return events.flatMap { [$0, $0] }
    case .tellsInWrongOrder: return swapped(events)
    default: return events
    }
  }

  private var held: StoreEvent?

  /// Each two events in the wrong order: the first waits for the second.
  private func swapped(_ events: [StoreEvent]) -> [StoreEvent] {
    events.flatMap { event -> [StoreEvent] in
      defer { held = held == nil ? event : nil }
      return held.map { [event, $0] } ?? []
    }
  }
}
