import Glibc
import Synchronization

/// What a server writes down besides counting.
public struct ServerLogs: Sendable {
  /// What policies in Report mode would have denied.
  public let reports = ReportLog()
  /// What became of zone transfers and signatures.
  public let transfers = TransferLog()
  /// Every query, if that is wanted.
  public let queries: QueryLog?
}

/// A file of one JSON line for each query.
///
/// Workers hand their lines over once per batch, and a thread of the log's own writes them, for whoever reads the file
/// may be slow, or gone. Bounded: what does not fit until it is written, or cannot be, is only counted, and the count is
/// written as a line of its own.
public final class QueryLog: Sendable {
  /// Why the file cannot be written.
  public struct Unwritable: Error, CustomStringConvertible {
    public let description: String
  }

  /// The octets kept until they are written.
  static let capacity = 8 << 20

  private struct State {
    var lines: [UInt8] = []
    var dropped: UInt64 = 0
    var isEnding = false
  }

  private let descriptor: Int32
  private let state = Mutex(State())
  private let wakeup = Wakeup()
  /// Finished when nothing more is written.
  private let ended: AsyncStream<Never>

  /// Opens the file at `path` for appending, and starts the thread that writes until `end`; `-` is standard output.
  public init(path: String) throws(Unwritable) {
    descriptor =
      path == "-" ? dup(1) : unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    let (ended, end) = AsyncStream.makeStream(of: Never.self)
    self.ended = ended
    guard descriptor >= 0 else {
      let reason = unsafe String(cString: strerror(errno))
      throw Unwritable(description: "the query log \(path) cannot be written: \(reason); name another file")
    }
    let thread = WorkerThread {
      self.write()
      end.finish()
    }
    guard thread != nil else {
      throw Unwritable(description: "the query log \(path) cannot be written: no thread is left; raise their limit")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Takes lines over; it never waits for the file.
  func add(_ lines: [UInt8]) {
    if lines.isEmpty { return }
    let isFirst = state.withLock { state in
      guard state.lines.count + lines.count <= Self.capacity else {
        state.dropped += UInt64(lines.count { $0 == 0x0A })
        return false
      }
      defer { state.lines += lines }
      return state.lines.isEmpty
    }
    if isFirst { wakeup.signal() }
  }

  /// Writes what is left, and returns when that is done, or after `limit` if the file takes no more.
  func end(within limit: Duration) async {
    state.withLock { $0.isEnding = true }
    wakeup.signal()
    await withTaskGroup { group in
      group.addTask { for await _ in self.ended {} }
      // The deadline: a thread that is stuck in a write cannot be told to stop.
      group.addTask { try? await Task.sleep(for: limit) }
      await group.next()
      group.cancelAll()
    }
  }

  /// Writes what is handed over until the end.
  private func write() {
    var writer = LineWriter(descriptor)
    var isEnding = false
    while !isEnding {
      wakeup.wait()
      let taken = state.withLock { state in
        defer { state = State(isEnding: state.isEnding) }
        return state
      }
      isEnding = taken.isEnding
      let dropped = writer.write(taken.lines, dropped: taken.dropped)
      state.withLock { $0.dropped += dropped }
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
