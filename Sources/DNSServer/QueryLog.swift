import Glibc
import Synchronization

/// What a server writes down besides counting.
public struct ServerLogs: Sendable {
  /// What policies in Report mode would have denied.
  public let reports = ReportLog()
  /// Every query, if that is wanted.
  public let queries: QueryLog?
}

/// A file of one JSON line for each query.
///
/// Workers hand their lines over once per batch; whoever calls `flush` writes them. Bounded: what does not fit until
/// then is only counted, and the count is written as a line of its own.
public final class QueryLog: Sendable {
  /// Why the file cannot be written.
  public struct Unwritable: Error, CustomStringConvertible {
    public let description: String
  }

  /// The octets kept between two flushes.
  static let capacity = 8 << 20

  private struct State {
    var lines: [UInt8] = []
    var dropped: UInt64 = 0
  }

  private let descriptor: Int32
  private let state = Mutex(State())

  /// Opens the file at `path` for appending; `-` is standard output.
  public init(path: String) throws(Unwritable) {
    descriptor =
      path == "-" ? dup(1) : unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else {
      let reason = unsafe String(cString: strerror(errno))
      throw Unwritable(description: "the query log \(path) cannot be written: \(reason); name another file")
    }
  }

  deinit { close(descriptor) }

  /// Takes lines over.
  func add(_ lines: [UInt8]) {
    state.withLock { state in
      if state.lines.count + lines.count > Self.capacity {
        state.dropped += UInt64(lines.count { $0 == 0x0A })
      } else {
        state.lines += lines
      }
    }
  }

  /// Writes what there is.
  public func flush() {
    var (lines, dropped) = state.withLock { state in
      defer { state = State() }
      return (state.lines, state.dropped)
    }
    if dropped > 0 { lines += Array("{\"dropped\":\(dropped)}\n".utf8) }
    var written = 0
    while written < lines.count {
      let count = unsafe lines.withUnsafeBytes { buffer in
        unsafe write(descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
      }
      // A full disk costs the log its lines, never a client its answer.
      guard count > 0 || errno == EINTR else { return }
      written += max(count, 0)
    }
  }
}

/// The time as logs have it.
enum LogTime {
  /// Now, in UTC with milliseconds (RFC 3339).
  static func now() -> String {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    var parts = unsafe tm()
    unsafe gmtime_r(&time.tv_sec, &parts)
    func digits(_ number: Int, _ count: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return unsafe digits(Int(parts.tm_year) + 1900, 4) + "-" + digits(Int(parts.tm_mon) + 1, 2) + "-"
      + digits(Int(parts.tm_mday), 2) + "T" + digits(Int(parts.tm_hour), 2) + ":" + digits(Int(parts.tm_min), 2) + ":"
      + digits(Int(parts.tm_sec), 2) + "." + digits(time.tv_nsec / 1_000_000, 3) + "Z"
  }
}
