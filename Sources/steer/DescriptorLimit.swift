import DNSServer
import Glibc
import Logging

/// How many files and sockets the process may have open.
enum DescriptorLimit {
  /// What is kept for all but TCP connections: listeners, workers, logs, and the files of a reload.
  private static let reserve = 256

  /// Raises the limit as far as the system lets it, and fits the TCP connections into it.
  ///
  /// A server without a descriptor to spare can neither accept a connection nor read a changed policy.
  static func fit(_ limits: TCPLimits, _ logger: Logger) -> TCPLimits {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return limits }
    let wanted = rlim_t(limits.connections + reserve)
    if limit.rlim_cur < wanted {
      limit.rlim_cur = min(limit.rlim_max, wanted)
      _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
    let room = max(Int(clamping: limit.rlim_cur) - reserve, 1)
    guard room < limits.connections else { return limits }
    logger.warning(
      "fewer TCP connections than tcp.connections: the limit of open files (ulimit -n) is too low; raise it",
      metadata: ["connections": "\(room)", "limit": "\(limit.rlim_cur)", "configured": "\(limits.connections)"])
    var fitted = limits
    fitted.connections = room
    fitted.connectionsPerClient = min(limits.connectionsPerClient, max(room / 4, 1))
    return fitted
  }
}
