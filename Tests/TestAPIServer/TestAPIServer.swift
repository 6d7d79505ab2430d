import NIOCore
import NIOHTTP2
import NIOPosix
import NIOSSL

/// A Kubernetes API server as far as Steer talks to one: TLS on loopback, HTTP/2 and HTTP/1.1, lists, watches, writes.
///
///     let server = try await TestAPIServer.start()
///     try server.apply(.pod(namespace: "team-a", name: "api-1", addresses: ["10.8.1.5"]))
///     let kubeconfig = server.kubeconfig()
///     server.plan(.tooManyRequests(retryAfter: 1), for: .list, of: .pods, times: 1)
///     …
///     await server.stop()
public final class TestAPIServer: Sendable {
  /// The token that is accepted at first.
  public static let firstToken = "token-1"
  /// Whose it is.
  public static let user = "system:serviceaccount:intra-proxy:steer"

  /// The port on 127.0.0.1, which stays the same when the server is stopped and started again.
  public let port: Int
  let responder: Responder
  private let listener: Listener

  private init(responder: Responder, listener: Listener, port: Int) {
    self.responder = responder
    self.listener = listener
    self.port = port
  }

  /// A server that listens.
  ///
  /// - Parameters:
  ///   - port: The port on 127.0.0.1; 0 is a free one.
  ///   - speaksHTTP2: Whether HTTP/2 is offered.
  ///   - revision: From where changes are counted: what a new cluster makes for itself comes first.
  public static func start(
    port: Int = 0, speaksHTTP2: Bool = true, revision: Int = 200
  ) async throws -> TestAPIServer {
    let responder = Responder(ServerSettings(access: Access(users: [firstToken: user])), revision: revision)
    for name in ["default", "kube-system", "intra-proxy"] {
      responder.put(.namespace(name), of: .namespaces, namespace: "", name: name)
    }
    let listener = try Listener(responder, speaksHTTP2: speaksHTTP2)
    return TestAPIServer(responder: responder, listener: listener, port: try await listener.listen(port: port))
  }

  /// Ends all connections and listens no more; the objects stay.
  public func stop() async { await listener.stop() }

  /// Listens again, at the same port.
  public func restart() async throws { _ = try await listener.listen(port: port) }

  /// Drops all connections; new ones are accepted.
  public func dropConnections() async { await listener.dropConnections() }
}
