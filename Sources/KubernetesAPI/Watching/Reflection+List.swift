extension Reflection {
  /// Asks for a page of the list and tells it.
  mutating func list(after continuation: String?, _ deliver: Deliver) async throws(RequestFault) {
    var query = [(name: "limit", value: String(pageSize))]
    if let continuation { query.append((name: "continue", value: continuation)) }
    let answer = try await client.askWhole(
      Request(path: path, query: query, accepted: resource.codecs.map(\.mediaType)))
    guard answer.head.status == 200 else { throw .refused(Refusal(answer.head, body: answer.body)) }
    let page: Page<Object>
    do {
      page = try resource.codec(answer.head.mediaType).page(answer.body)
    } catch {
      throw .malformed("\(error)")
    }
    var changes: [Change<Object>] = continuation == nil ? [.relisting] : []
    changes += page.objects.map { .applied($0.object) }
    if let next = page.continuation {
      stage = .listing(continuation: next)
    } else {
      changes.append(.synchronized)
      complete(at: page.version)
    }
    await deliver(changes)
  }
}

extension Refusal {
  /// The refusal of an answer with another status than 200.
  init(_ head: ResponseHead, body: [UInt8]) {
    self.init(status: head.status, mediaType: head.mediaType, retryAfter: head.retryAfter, body: body)
  }
}

extension Resource {
  /// The codec of an answer's media type.
  func codec(_ mediaType: String) throws(RequestFault) -> any ObjectCodec<Object> {
    guard let codec = codecs.first(where: { mediaType.hasPrefix($0.mediaType) })?.codec else {
      throw .malformed("it is '\(mediaType.prefix(128))'; is there something else than an API server?")
    }
    return codec
  }
}
