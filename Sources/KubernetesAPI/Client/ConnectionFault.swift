import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// Why a server cannot be reached, in words for who can do something about it.
///
/// The libraries' errors are for those who write programs: they have error sets, and paths of the machine that built them.
public struct ConnectionFault: CustomStringConvertible, Equatable, Sendable {
  /// What happened, such as `connection refused`.
  public let description: String
  /// What to look at; nil where nothing is known that would help.
  public var remedy: String?

  /// The fault that a library's error is.
  public init(_ error: any Error) {
    switch error {
    case let error as NIOConnectionError:
      // Of a host's addresses all failed; the first is the one that was preferred.
      if let failure = error.connectionErrors.first { self.init(failure.error) } else { self = .unknownHost }
    case let error as IOError: self.init(errno: error.errnoCode)
    case ChannelError.connectTimeout: self = .timeout
    case let error as HTTPClientError where error == .connectTimeout || error == .tlsHandshakeTimeout: self = .timeout
    case let error as HTTPClientError where error == .readTimeout || error == .deadlineExceeded:
      self.init("no answer in time")
    case let error as HTTPClientError where error == .remoteConnectionClosed: self = .closed
    case let error as NIOSSLExtraError where error == .failedToValidateHostname: self = .certificateOfAnother
    case NIOSSLError.uncleanShutdown: self = .closed
    case NIOSSLError.handshakeFailed(let error): self.init(handshake: error)
    default: self.init("\(error)")
    }
  }

  private init(_ description: String, remedy: String? = nil) {
    self.description = description
    self.remedy = remedy
  }

  private init(errno: CInt) {
    switch errno {
    case ECONNREFUSED:
      self.init("connection refused", remedy: "see that it is running, and that this is its address")
    case ETIMEDOUT: self = .timeout
    case EHOSTUNREACH, ENETUNREACH:
      self.init("no route to it", remedy: "see that the network is up, and that this is its address")
    case ECONNRESET, EPIPE: self = .closed
    default: self.init(unsafe String(cString: strerror(errno)))
    }
  }

  private init(handshake error: BoringSSLError) {
    guard case .sslError(let stack) = error, let last = stack.last else {
      self.init("it ended the TLS handshake", remedy: "see that it speaks TLS")
      return
    }
    // "… error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at FILE:LINE" is all there is.
    let reason = last.description.split(separator: " at ").first?.split(separator: ":").last.map(String.init) ?? ""
    if reason == "CERTIFICATE_VERIFY_FAILED" {
      self = .untrustedCertificate
    } else {
      self.init("TLS handshake failed: \(reason.replacing("_", with: " ").lowercased())")
    }
  }

  private static let timeout = Self(
    "connection timed out", remedy: "see that no firewall and no network policy is in the way")
  private static let closed = Self("it closed the connection")
  private static let unknownHost = Self("its name is not found", remedy: "see that DNS knows it")
  /// The library does not tell which of the two it is.
  private static let untrustedCertificate = Self(
    "its certificate is not signed by an authority that is trusted, or has expired",
    remedy: "see certificate-authority-data of the kubeconfig, or ca.crt of the pod")
  private static let certificateOfAnother = Self(
    "its certificate is for another name",
    remedy: "use an address that the certificate has, or name one in tls-server-name of the kubeconfig")
}
