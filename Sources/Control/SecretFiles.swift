import Logging
import Steering

/// The files that the server's secrets are read from.
public struct SecretFiles: Sendable {
  /// The file of the secrets of DNS cookies; without it a secret is made that nobody else knows.
  public var cookies: String?
  /// The file of the keys that are shared with secondaries.
  public var keys: String?

  private let ownCookies = CookieSecrets.random()

  /// The files; nil for those that there are none of.
  public init(cookies: String? = nil, keys: String? = nil) {
    self.cookies = cookies
    self.keys = keys
  }

  /// Every file.
  var paths: [String] { [cookies, keys].compactMap(\.self) }

  /// Reads them; throws what is wrong with the first that cannot be used, and logs what else is to be said.
  func load(_ logger: Logger) throws -> ServerSecrets {
    ServerSecrets(cookies: try loadCookies(), keys: try loadKeys(logger))
  }

  /// Reads them again: of a file that cannot be used what was there before holds on, and of the others what is there now.
  func reload(_ before: ServerSecrets, _ logger: Logger) -> ServerSecrets {
    func attempt<Secrets>(_ load: () throws -> Secrets) -> Secrets? {
      do {
        return try load()
      } catch {
        logger.error("secrets refused; the last good ones hold on", metadata: ["reason": "\(error)"])
        return nil
      }
    }
    var secrets = before
    if let cookies = attempt(loadCookies) { secrets.cookies = cookies }
    if let keys = attempt({ try loadKeys(logger) }) { secrets.keys = keys }
    return secrets
  }

  private func loadCookies() throws -> CookieSecrets {
    try cookies.map(CookieFile.load) ?? ownCookies
  }

  private func loadKeys(_ logger: Logger) throws -> KeyRing {
    try keys.map { path in try TransferKeyFile.load(path).keys(logger) } ?? KeyRing()
  }
}
