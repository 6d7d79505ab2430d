import Crypto
public import DNSWire
import Glibc

/// How the proxy engine is run.
public struct ProxySettings: Sendable {
  /// Whether Steer runs the Squids itself; if not, it writes their configuration and signals who runs.
  public var isSupervised = true
  /// The folder of the configuration and the processes' numbers; only Steer may write to it.
  public var folder: String
  /// Whether no other user runs programs where Steer does, as in a container: then the folder may be in one that all may
  /// write to, as a pod's volumes are.
  public var isIsolated = false
  /// The Unix socket at which the helpers ask.
  public var socket: String
  /// The command of Squid's helper.
  public var helper = ["/usr/bin/steer", "proxy-helper"]
  /// The program.
  public var squid = "/usr/sbin/squid"
  /// Whom Squid runs as if Steer is root.
  public var user = "proxy"
  /// How many Squids share the listeners: while one reads a new configuration, the others accept.
  public var instances = 2
  /// The addresses that listeners are bound to; none for every address.
  public var addresses: [IPAddress] = []
  /// The ports that Steer itself listens on, which no listener may have.
  public var reservedPorts: Set<UInt16> = []
  /// The folder that Squid may write to.
  public var logFolder: String
  /// The file of Squid's own access log.
  public var accessLog: String
  /// How long tunnels may go on after Steer was told to stop, in seconds.
  public var drainSeconds = 30

  /// Settings for a folder; all else is as by default.
  public init(folder: String) {
    self.folder = folder
    socket = "\(folder)/decisions.socket"
    logFolder = "\(folder)/log"
    accessLog = "\(logFolder)/access.log"
  }

  /// The configuration file.
  var configuration: String { "\(folder)/squid.conf" }
  /// The names of the instances, which Squid knows as its service name: letters and digits, and no other Steer's on the
  /// same machine.
  public var names: [String] {
    let digits = SHA256.hash(data: Array(folder.utf8)).prefix(3).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return (1...max(instances, 1)).map { "steer\($0)x\(digits.joined())" }
  }
  /// The file with an instance's process number.
  func pidFile(of name: String) -> String { "\(folder)/\(name).pid" }

  /// The settings of one of several fleets, counted from 1: its configuration and processes have a folder of their own.
  func fleet(_ number: Int) -> ProxySettings {
    var settings = self
    settings.folder = "\(folder)/squid-\(number)"
    return settings
  }
}

extension ProxySettings {
  /// What Squid's configuration says of files and the process.
  var paths: SquidConfiguration.Paths {
    SquidConfiguration.Paths(
      helper: helper, socket: socket, folder: folder, logFolder: logFolder, accessLog: accessLog, listen: addresses,
      user: geteuid() == 0 ? user : nil, descriptors: Self.descriptors, drainSeconds: drainSeconds)
  }

  /// As many open files as are useful and the system lets a process have.
  private static var descriptors: Int {
    let useful = SquidConfiguration.Paths().descriptors
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return useful }
    return min(useful, Int(clamping: limit.rlim_max))
  }
}
