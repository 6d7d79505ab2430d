import AsyncHTTPClient
import NIOCore

extension Reflection {
  /// Octets of a refusal that are read.
  private static var refusalSize: Int { 1 << 16 }

  /// Watches until the server ends it, from the start with all objects or from what is told; whether events came.
  @discardableResult
  mutating func watch(fromStart: Bool, _ deliver: Deliver) async throws(RequestFault) -> Bool {
    let request = Request(
      path: path, query: watchQuery(fromStart: fromStart), accepted: resource.codecs.map(\.mediaType))
    return try await client.ask(request) { head, body in
      guard head.status == 200 else {
        let octets = Array(buffer: try await body.collect(upTo: Self.refusalSize))
        throw RequestFault.refused(Refusal(head, body: octets))
      }
      return try await follow(body, by: try resource.codec(head.mediaType), fromStart: fromStart, deliver)
    }
  }

  private func watchQuery(fromStart: Bool) -> [(name: String, value: String)] {
    let seconds = settings.watchTime.components.seconds
    var query = [
      (name: "watch", value: "true"), (name: "allowWatchBookmarks", value: "true"),
      // Not all watches of all clients are to end at once.
      (name: "timeoutSeconds", value: String(seconds &+ Int64.random(in: 0...max(0, seconds)))),
    ]
    if fromStart {
      query += [(name: "sendInitialEvents", value: "true"), (name: "resourceVersionMatch", value: "NotOlderThan")]
    } else {
      query.append((name: "resourceVersion", value: order.latest))
    }
    return query
  }

  /// Tells a watch's events while they come.
  private mutating func follow(
    _ body: HTTPClientResponse.Body, by codec: any ObjectCodec<Object>, fromStart: Bool, _ deliver: Deliver
  ) async throws -> Bool {
    if fromStart {
      order = EventOrder()
      prefersPages = true
      await deliver([.relisting])
    } else {
      await deliver([.heard])
    }
    var frames = FrameReader(codec.framing, sizeLimit: settings.objectSize)
    var hasEvents = false
    for try await octets in body {
      frames.append(octets)
      var changes: [Change<Object>] = []
      let result = Result { try take(from: &frames, by: codec, into: &changes) }
      // What came before a fault is told before it.
      if !changes.isEmpty {
        hasEvents = true
        await deliver(changes)
      }
      try result.get()
    }
    if case .start = stage {
      throw RequestFault.unreachable("the API server ended a watch before it told all objects")
    }
    return hasEvents
  }

  private mutating func take(
    from frames: inout FrameReader, by codec: any ObjectCodec<Object>, into changes: inout [Change<Object>]
  ) throws {
    while let frame = try frames.next() {
      switch try codec.event(frame) {
      case .applied(let told):
        if order.accepts(name: told.name, version: told.version) { changes.append(.applied(told.object)) }
      case .deleted(let told):
        if order.accepts(name: told.name, version: told.version) { changes.append(.deleted(told.object)) }
      case .bookmark(let version, let endsInitialEvents):
        if case .watching = stage {
          order.advance(to: version)
          changes.append(.heard)
        } else if endsInitialEvents {
          complete(at: version)
          changes.append(.synchronized)
        }
      case .failed(let refusal): throw RequestFault.refused(refusal)
      }
      if case .watching = stage { backoff.reset() }
    }
  }
}
