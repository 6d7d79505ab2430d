/// What the server knows and no policy says; part of no digest, and never shown.
public struct ServerSecrets: Sendable {
  /// What DNS cookies are made with; without them COOKIE options are passed over.
  public var cookies: CookieSecrets?
  /// The keys that messages are signed with.
  public var keys: KeyRing

  /// Secrets; those left out are not there.
  public init(cookies: CookieSecrets? = nil, keys: KeyRing = KeyRing()) {
    self.cookies = cookies
    self.keys = keys
  }
}
