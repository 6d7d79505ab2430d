public import Logging

/// A client of one API server: its connections, its trust, our credentials.
public final class KubernetesClient: Sendable {
  /// How long things may take, and how large they may be.
  public struct Settings: Sendable {
    /// How long a connection may take.
    public var connectTimeout: Duration = .seconds(10)
    /// How long a whole answer may take, a watch's excepted.
    public var requestTimeout: Duration = .seconds(60)
    /// How long a connection may be silent in an answer: bookmarks come about every minute.
    public var silence: Duration = .seconds(180)
    /// How many octets an answer may have, a watch's excepted.
    public var answerSize = 64 << 20

    /// The settings for a cluster.
    public init() {}
  }

  /// The access that it uses.
  public let access: ClusterAccess
  let settings: Settings
  let logger: Logger

  /// A client by `access`; nothing is connected until the first request.
  public init(_ access: ClusterAccess, settings: Settings = Settings(), logger: Logger) throws(ClusterAccessError) {
    self.access = access
    self.settings = settings
    self.logger = logger
  }

  /// Closes the connections, and with them what is asked now.
  public func shutdown() async {}
}
