import Glibc
import KubernetesAPI
import Logging
import NIOCore
import NIOSSL
import TestAPIServer
import TestSupport
import Testing

/// What is said of a server that cannot be reached: what happened, and what to look at.
@Suite struct ConnectionFaultTests {
  @Test(arguments: ["127.0.0.1", "localhost"]) func `where nothing listens the connection is refused`(host: String)
    async throws
  {
    let port = try LoopbackPort.free()
    let words = try await words(server: "https://\(host):\(port)")
    #expect(
      words == "the API server at https://\(host):\(port) cannot be heard: connection refused; "
        + "see that it is running, and that this is its address")
  }

  @Test func `a name that does not exist is not found`() async throws {
    // Two dots: no name of DNS, so that nobody is asked.
    let words = try await words(server: "https://a..b:443")
    #expect(words.hasSuffix("cannot be heard: its name is not found; see that DNS knows it"), "\(words)")
  }

  @Test func `a certificate of an authority that is not trusted is told with where the trusted one is from`()
    async throws
  {
    try await TestCluster.with { cluster in
      let words = try await words(server: cluster.server.url, authorities: TestCertificates.otherAuthority)
      #expect(words.contains("its certificate is not signed by an authority that is trusted, or has expired"))
      #expect(words.contains("certificate-authority-data") && words.contains("ca.crt"))
      #expect(!words.contains("BoringSSL") && !words.contains(".cc"), "\(words)")
    }
  }

  @Test func `a certificate of another name is told with how to name it`() {
    let fault = ConnectionFault(NIOSSLExtraError.failedToValidateHostname)
    #expect(fault.description == "its certificate is for another name")
    #expect(fault.remedy?.contains("tls-server-name") == true)
  }

  @Test func `a server that speaks no TLS is told without the library's own words`() async throws {
    let origin = try EchoOrigin()
    let words = try await words(server: "https://127.0.0.1:\(origin.port)")
    #expect(words.contains("TLS handshake") && !words.contains("SSL") && !words.contains(".cc"), "\(words)")
  }

  @Test(arguments: [
    (ETIMEDOUT, "connection timed out"), (EHOSTUNREACH, "no route to it"), (ENETUNREACH, "no route to it"),
    (ECONNRESET, "it closed the connection"), (EMFILE, "Too many open files"),
  ])
  func `what the system says is told in words`(errno: CInt, words: String) {
    let fault = ConnectionFault(IOError(errnoCode: errno, reason: "connect(descriptor:addr:size:)"))
    #expect(fault.description == words)
    #expect(ConnectionFault(ChannelError.connectTimeout(.seconds(1))).description == "connection timed out")
  }

  /// Why a server does not answer, as a client tells it.
  private func words(
    server: String, authorities: String = TestCertificates.authority
  ) async throws -> String {
    let access = ClusterAccess(server: server, authorities: Array(authorities.utf8))
    let client = try KubernetesClient(access, logger: Logger(label: "test"))
    let error = await #expect(throws: KubernetesError.self) { try await client.send(.get, "/api") }
    await client.shutdown()
    return error?.description ?? ""
  }
}
