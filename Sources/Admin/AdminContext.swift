import DNSWire
import Hummingbird
import NIOCore

/// A request and the connection that it came by.
struct AdminContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection.
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }
}

extension SocketAddress {
  /// Whether it is of this machine or pod, where `kubectl port-forward` and `kubectl exec` are too.
  var isLoopback: Bool {
    guard let address = ipAddress else { return false }
    // A socket of both families writes IPv4 so.
    let mapped = "::ffff:"
    let plain = address.hasPrefix(mapped) ? String(address.dropFirst(mapped.count)) : address
    return plain == "::1" || plain.hasPrefix("127.")
  }
}

/// Ends each connection with the answer to its first request, so that none is held by who asks nothing more.
struct OneRequestMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: AdminContext, next: (Request, AdminContext) async throws -> Response
  ) async throws -> Response {
    // NIO's way to say so: the connection finishes what it is at, and closes.
    context.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    var response = try await next(request, context)
    response.headers[.connection] = "close"
    response.headers[.cacheControl] = "no-store"
    return response
  }
}

/// Keeps what tells of the policy to clients of this machine or pod.
struct LocalMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: AdminContext, next: (Request, AdminContext) async throws -> Response
  ) async throws -> Response {
    guard context.channel.remoteAddress?.isLoopback == true else {
      throw HTTPError(
        .forbidden,
        message: "only clients on loopback are told this: use 'kubectl port-forward' or 'kubectl exec', or ask there")
    }
    // A web page can make a browser on this machine ask by a name that it has lead here; by an address it learns nothing.
    guard let host = request.head.authority, Self.isAddressOrLocalhost(host) else {
      throw HTTPError(.forbidden, message: "ask by an address or localhost, not by another name")
    }
    return try await next(request, context)
  }

  private static func isAddressOrLocalhost(_ authority: String) -> Bool {
    let endpoint = authority.hasSuffix("]") || !authority.contains(":") ? authority + ":80" : authority
    return Endpoint(endpoint) != nil || endpoint.hasPrefix("localhost:")
  }
}
