extension TestAPIServer {
  /// Lets something go wrong with requests of a verb and a resource, nil being any; `times` of them, nil being all.
  ///
  /// What was planned first befalls first.
  public func plan(_ fault: Fault, for verb: APIVerb? = nil, of resource: APIResource? = nil, times: Int? = nil) {
    let planned = PlannedFault(fault: fault, verb: verb, resource: resource, times: times)
    responder.settings.withLock { $0.faults.append(planned) }
  }

  /// Lets nothing go wrong any more; watches that began with a fault keep it.
  public func heal() { responder.settings.withLock { $0.faults = [] } }

  /// Forgets what was: who resumes a watch or reads on in a list is told 410 and begins anew.
  ///
  /// - Parameter endsWatches: Whether those who watch now are told so too, in their streams.
  public func forgetPast(endsWatches: Bool = false) { responder.store.forgetPast(endsWatches: endsWatches) }

  /// Tells all who watch a resource, and want to hear it, that they know all until now.
  public func bookmark(_ resource: APIResource) { responder.store.bookmark(resource) }

  /// How many watch a resource.
  public func countWatchers(of resource: APIResource) -> Int { responder.store.countWatchers(of: resource) }

  /// Whether a watch may begin with all objects, as Kubernetes can since 1.32.
  public func setWatchListSupport(_ isSupported: Bool) {
    responder.settings.withLock { $0.supportsWatchList = isSupported }
  }

  /// How often a watch hears that it knows all until now.
  public func setBookmarkInterval(milliseconds: Int64) {
    responder.settings.withLock { $0.bookmarkMilliseconds = milliseconds }
  }

  /// Whether a resource is there: as long as no CustomResourceDefinition makes it, its paths lead nowhere.
  public func setPresence(of resource: APIResource, _ isPresent: Bool) {
    responder.settings.withLock { settings in
      if isPresent { settings.absent.remove(resource) } else { settings.absent.insert(resource) }
    }
  }

  /// By how many seconds the server's clock is ahead.
  public func setClockSkew(seconds: Int64) { responder.settings.withLock { $0.clockSkew = seconds } }

  /// The requests that came, in their order; of very many, the last.
  public var requests: [AnsweredRequest] { responder.settings.withLock { $0.requests } }
}
