public import Steering
import Synchronization

/// A file of lines, such as one JSON object for each query.
///
/// Workers hand their lines over once per batch, and a thread of the log's own writes them, for whoever reads the file
/// may be slow, or gone. Bounded: what does not fit until it is written, or cannot be, is only counted, and the count is
/// written as a line of its own. A file that was moved away or removed is opened anew, so that it can be rotated.
public final class LineLog: LineSink {
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

  /// Locked by the log's own thread only, while it writes.
  private let writer: Mutex<LineWriter>
  private let state = Mutex(State())
  private let wakeup = Wakeup()
  /// Finished when nothing more is written.
  private let ended: AsyncStream<Never>

  /// Opens the file at `path` for appending, and starts the thread that writes until `end`; `-` is standard output.
  ///
  /// `name` says in errors what the file is, such as `query log`.
  public init(path: String, name: String) throws(Unwritable) {
    let file: LogFile
    do {
      file = try LogFile(path)
    } catch {
      throw Unwritable(description: "the \(name) \(path) cannot be written: \(error); name another file")
    }
    writer = Mutex(LineWriter(file))
    let (ended, end) = AsyncStream.makeStream(of: Never.self)
    self.ended = ended
    let thread = WorkerThread {
      self.write()
      end.finish()
    }
    guard thread != nil else {
      throw Unwritable(description: "the \(name) \(path) cannot be written: no thread is left; raise their limit")
    }
  }

  /// Takes lines over; it never waits for the file.
  public func add(_ lines: [UInt8]) {
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
  public func end(within limit: Duration) async {
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
    var isEnding = false
    while !isEnding {
      wakeup.wait()
      let taken = state.withLock { state in
        defer { state = State(isEnding: state.isEnding) }
        return state
      }
      isEnding = taken.isEnding
      let dropped = writer.withLock { $0.write(taken.lines, dropped: taken.dropped) }
      state.withLock { $0.dropped += dropped }
    }
  }
}
