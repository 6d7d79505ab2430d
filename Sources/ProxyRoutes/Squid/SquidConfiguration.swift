public import DNSWire
public import SteeringPolicy

/// The configuration of the Squids that the pods use (the first tier): it asks Steer about each request, and hands what is
/// let through to the parents that Steer names.
///
/// It says nothing about the generation: as long as listeners, methods and parents are the same, so is the text.
public struct SquidConfiguration: Sendable {
  /// The most listening sockets that one Squid opens; it passes over more with no more than a line in its log
  /// (`MAXTCPLISTENPORTS`, seen with 5.7).
  public static let maximumSockets = 128

  /// Where Squid finds what it needs.
  public struct Paths: Hashable, Sendable {
    /// The command of the external ACL helper, to which `--socket SOCKET` is added.
    public var helper: [String]
    /// The Unix socket at which Steer decides.
    public var socket: String
    /// The folder of the PID file.
    public var folder: String
    /// The folder of Squid's own log, which Squid's user writes to.
    public var logFolder: String
    /// The access log; nil keeps none.
    public var accessLog: String?
    /// The addresses to listen on; all if there is none.
    public var listen: [IPAddress]
    /// The name that Squid has in error pages.
    public var visibleHostname: String
    /// The user that Squid becomes if it is started by root.
    public var user: String?

    /// How many files and sockets Squid may have open: two for each tunnel.
    public var descriptors: Int
    /// How long tunnels may go on after Squid was told to end, in seconds.
    public var drainSeconds: Int

    /// Paths, of which most are as the packages have them; Squid's log is in the folder log beside the PID file.
    public init(
      helper: [String] = ["/usr/bin/steer", "proxy-helper"], socket: String = "/run/steer/proxy/decisions.socket",
      folder: String = "/run/steer/proxy", logFolder: String? = nil, accessLog: String? = nil,
      listen: [IPAddress] = [],
      visibleHostname: String = "steer-proxy", user: String? = nil, descriptors: Int = 65_536,
      drainSeconds: Int = 30
    ) {
      self.helper = helper
      self.socket = socket
      self.folder = folder
      self.logFolder = logFolder ?? folder + "/log"
      self.accessLog = accessLog
      self.listen = listen
      self.visibleHostname = visibleHostname
      self.user = user
      self.descriptors = descriptors
      self.drainSeconds = drainSeconds
    }
  }

  /// A port that Squid listens on for a route.
  public struct Listener: Hashable, Sendable {
    /// The port.
    public var port: UInt16
    /// The route's name, which becomes the listener's.
    public var route: String

    /// A route's port.
    public init(port: UInt16, route: String) {
      self.port = port
      self.route = route
    }
  }

  /// The configuration, ending with a line break.
  public let text: String

  /// Renders the configuration of listeners.
  ///
  /// `routes` says which parents there are and which methods each listener takes, by the route's name. While a policy is
  /// replaced it may hold the routes of both, so that neither loses a parent or a method; two of one name are as one. A
  /// listener whose route is none of `routes` takes CONNECT, and as ever Steer decides.
  ///
  /// Throws if there is no listener, for a Squid without one does not start: then none is needed.
  public init(
    listeners: [Listener], routes: [EgressRoute], paths: Paths = Paths()
  ) throws(ProxyRenderingError) {
    let sockets = try SquidListener.all(of: listeners, routes: routes)
    guard !sockets.isEmpty else {
      throw ProxyRenderingError(
        .noListener, "there is no route, so there is nothing to listen on, and Squid does not start; run none")
    }
    let count = sockets.count * max(1, paths.listen.count)
    guard count <= Self.maximumSockets else {
      throw ProxyRenderingError(
        .tooManyListeners,
        "\(count) listening sockets are more than the \(Self.maximumSockets) that one Squid opens; divide the routes "
          + "among several, or name fewer addresses to listen on")
    }
    let parts = try [
      SquidText.process(paths), SquidText.listeners(sockets, on: paths.listen), SquidText.decision(paths),
      SquidText.access(sockets), SquidText.peers(ParentPeers(of: routes)), SquidText.headers, SquidText.limits(paths),
      SquidText.log(paths),
    ]
    text = parts.joined(separator: [""]).joined(separator: "\n") + "\n"
  }
}
