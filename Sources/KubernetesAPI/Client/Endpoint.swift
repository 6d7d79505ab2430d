import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

/// Where requests go, and how connections are made.
struct Endpoint: Sendable {
  /// What is before every path.
  let base: String
  let configuration: HTTPClient.Configuration

  /// The endpoint of an access; throws what is wrong with it.
  init(_ access: ClusterAccess, settings: KubernetesClient.Settings) throws(ClusterAccessError) {
    guard var url = URLComponents(string: access.server), let host = url.host, !host.isEmpty, url.user == nil,
      url.password == nil, url.query == nil, url.fragment == nil
    else {
      throw ClusterAccessError(
        "'\(access.server)' is no address of an API server; it looks like https://10.96.0.1:443")
    }
    switch url.scheme {
    case "https": break
    case "http" where Self.isLoopback(host): break
    case "http":
      throw ClusterAccessError(
        "'\(access.server)' is not encrypted, so that credentials and policy could be read and changed on the way; "
          + "use https (http is for 127.0.0.1 only, where `kubectl proxy` is)")
    default: throw ClusterAccessError("'\(access.server)' is neither an https nor an http address")
    }

    var configuration = HTTPClient.Configuration()
    configuration.tlsConfiguration = try Self.tls(access)
    // A redirect would take the token to another server.
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(connect: TimeAmount(settings.connectTimeout), read: TimeAmount(settings.silence))
    // Reflectors wait by themselves, and are to say at once why there is no connection.
    configuration.connectionPool.retryConnectionEstablishment = false
    // Without HTTP/2 every watch holds a connection; others must still go.
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
    configuration.http1_1ConnectionDebugInitializer = KeepAlive.start
    configuration.http2ConnectionDebugInitializer = KeepAlive.start
    if let name = access.serverName {
      // An address of IPv6 is in brackets only within a URL.
      configuration.dnsOverride = [name: host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host]
      url.host = name
    }
    self.configuration = configuration
    let text = url.string ?? access.server
    base = text.hasSuffix("/") ? String(text.dropLast()) : text
  }

  private static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host.hasPrefix("127.") || host == "::1" || host == "[::1]"
  }

  private static func tls(_ access: ClusterAccess) throws(ClusterAccessError) -> TLSConfiguration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    if let authorities = access.authorities {
      do {
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authorities))
      } catch {
        throw ClusterAccessError(
          "the certificate authority of \(access.server) is no PEM with certificates: \(error)")
      }
    }
    if let certificate = access.credentials.certificate {
      do {
        tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(certificate.chain).map { .certificate($0) }
      } catch {
        throw ClusterAccessError("the client certificate for \(access.server) is no PEM with certificates: \(error)")
      }
      do {
        tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: certificate.key, format: .pem))
      } catch {
        throw ClusterAccessError("the client key for \(access.server) is no PEM with a private key: \(error)")
      }
    }
    return tls
  }
}
