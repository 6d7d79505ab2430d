extension Reflection {
  /// Decides what is to be done after a fault, tells it, and says how long to wait before.
  mutating func recover(from fault: RequestFault, _ deliver: Deliver) async -> Duration {
    client.logger.debug(
      "a request to the API server failed", metadata: ["resource": "\(resource.name)", "reason": "\(fault)"])
    var wait = backoff.next()
    switch fault {
    case .refused(let refusal):
      if let retryAfter = refusal.retryAfter { wait = max(wait, retryAfter * Double.random(in: 1.0...1.2)) }
      if refusal.isExpired || refusal.isOfTheFuture {
        // What is known stays until all is told anew; the server was heard, so nothing is lost.
        stage = .start
        return wait
      }
      if refusal.code == 404, resource.isOptional {
        return await noteAbsence(deliver)
      }
      if case .start = stage, !hasNoInitialEvents, !prefersPages, Self.meansNoInitialEvents(refusal.code) {
        hasNoInitialEvents = true
        return .zero
      }
      if case .watching = stage, refusal.code == 400 { stage = .start }
    case .malformed: stage = .start
    case .tooLarge: shrinkPages()
    case .unreachable: break
    }
    await deliver([.lost(words(for: fault))])
    return wait
  }

  /// Whether a server that knows no `sendInitialEvents` answers it so.
  private static func meansNoInitialEvents(_ status: Int) -> Bool { [400, 405, 406, 415, 422].contains(status) }

  /// The resource is not defined, so there are no objects.
  ///
  /// One that was there must be missed twice: an API server that starts may not know its custom
  /// resources for a moment.
  private mutating func noteAbsence(_ deliver: Deliver) async -> Duration {
    stage = .start
    absences &+= 1
    if wasPresent, absences == 1 {
      await deliver([
        .lost("the API server has no \(resource.name) any more; is the CustomResourceDefinition deleted?")
      ])
    } else if absences == (wasPresent ? 2 : 1) {
      await deliver([.relisting, .synchronized])
    } else {
      await deliver([.heard])
    }
    return Backoff.jittered(settings.absenceWait)
  }

  private mutating func shrinkPages() {
    stage = .start
    prefersPages = true
    pageSize = max(1, pageSize / 4)
  }

  /// What to tell somebody who can do something about it.
  private func words(for fault: RequestFault) -> String {
    guard case .refused(let refusal) = fault else { return fault.description }
    switch refusal.code {
    // Who shows nothing is anonymous, which may be known but has no rights.
    case 401,
      403 where refusal.message.contains("system:anonymous"):
      return "the API server does not know us (\(refusal)): see that the token or the client certificate is valid"
    case 403:
      let group = resource.group.isEmpty ? "the core API group" : "the API group \(resource.group)"
      return "we may not read \(resource.name) (\(refusal)): "
        + "allow list and watch of \(resource.name) in \(group) by a ClusterRole"
    case 404: return "the API server has no \(resource.name) (\(refusal)): see that \(client.access.server) is one"
    default: return fault.description
    }
  }
}
