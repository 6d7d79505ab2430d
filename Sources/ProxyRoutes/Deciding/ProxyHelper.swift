import Glibc
import SystemPackage

/// Squid's external ACL helper: hands what it reads to Steer over a Unix socket, and the answers back.
///
/// It ends only when its input does: Squid ends itself when a helper does so twice in half a minute. While Steer cannot be
/// asked, everything is refused.
public struct ProxyHelper {
  /// What Squid takes at once for sure: what reaches it in two reads is misread.
  private static let writeLimit = 4096

  private let path: String
  private let input: FileDescriptor
  private let output: FileDescriptor
  private let log: FileDescriptor
  private var relay: HelperRelay
  private var squidLines = LineSplitter(limit: HelperQuery.maximumLength)
  private var serverLines = LineSplitter(limit: HelperReply.maximumLineLength)
  private var server: FileDescriptor?
  private var isInputOpen = true
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  /// A helper between standard input and output and the server at `socket`, which may take `timeout` for an answer.
  public init(socket: String, timeout: Duration) {
    path = socket
    input = .standardInput
    output = .standardOutput
    log = .standardError
    relay = HelperRelay(timeout: timeout, at: .now)
  }

  /// Answers until the input ends and all that was asked is answered.
  public mutating func run() {
    _ = signal(SIGPIPE, SIG_IGN)
    while isInputOpen || relay.isWaiting {
      relay.tick(at: .now)
      keepLink()
      deliver()
      wait()
    }
    deliver()
  }

  /// Brings the connection into the state that the relay wants.
  private mutating func keepLink() {
    guard case .closed(let until) = relay.link else { return }
    if let server {
      try? server.close()
      self.server = nil
    }
    guard until <= .now else { return }
    serverLines = LineSplitter(limit: HelperReply.maximumLineLength)
    do throws(DecisionSocketError) {
      server = try DecisionSocket.connectToTrusted(path)
      relay.opened(at: .now)
    } catch {
      relay.lost("\(error)", at: .now)
    }
  }

  /// Waits until there is something to read, room to write, or something is due; and reads and writes.
  private mutating func wait() {
    var entries = [
      pollfd(fd: isInputOpen ? input.rawValue : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: server?.rawValue ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    if !relay.questions.isEmpty { entries[1].events |= Int16(POLLOUT) }
    let milliseconds = relay.deadline.map { Self.milliseconds(until: $0) } ?? -1
    guard unsafe poll(&entries, 2, milliseconds) > 0 else { return }
    if let server, entries[1].revents != 0 { exchange(with: server, entries[1].revents) }
    if entries[0].revents != 0 { readQuestions() }
  }

  /// Whole milliseconds, not fewer than there are left.
  private static func milliseconds(until instant: ContinuousClock.Instant) -> Int32 {
    let left = ContinuousClock.now.duration(to: instant).components
    return Int32(clamping: max(0, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1))
  }

  private mutating func exchange(with server: FileDescriptor, _ events: Int16) {
    do {
      if events & Int16(POLLOUT) != 0 {
        let count = try unsafe relay.questions.withUnsafeBytes { try unsafe server.write($0) }
        relay.questions.removeFirst(count)
      }
      guard events & ~Int16(POLLOUT) != 0 else { return }
      let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe server.read(into: $0) }
      guard count > 0 else { return relay.lost("it has closed the connection", at: .now) }
      serverLines.append(buffer[..<count])
      while let line = serverLines.next() { relay.receive(line, at: .now) }
    } catch Errno.wouldBlock {
      return
    } catch {
      relay.lost("\(error)", at: .now)
    }
  }

  private mutating func readQuestions() {
    let input = input
    do {
      let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe input.read(into: $0) }
      isInputOpen = count > 0
      squidLines.append(buffer[..<count])
      let now = ContinuousClock.now
      while let line = squidLines.next() { relay.ask(line, at: now) }
    } catch Errno.wouldBlock {
      return
    } catch {
      isInputOpen = false
    }
  }

  /// Writes answers to Squid, whole lines at a time, and news to its log.
  private mutating func deliver() {
    for line in relay.news { write(Array("steer proxy-helper: \(line)\n".utf8), to: log) }
    relay.news = []
    var rest = relay.answers[...]
    while !rest.isEmpty {
      let most = rest.prefix(Self.writeLimit)
      // An answer is far shorter than the limit.
      let lines = most.lastIndex(of: 0x0A).map { rest[...$0] } ?? most
      write(lines, to: output)
      rest = rest[lines.endIndex...]
    }
    relay.answers = []
  }

  /// Writes octets, by one call if the system takes them so; what cannot be written is let go.
  private func write(_ octets: some Sequence<UInt8>, to descriptor: FileDescriptor) {
    var rest = Array(octets)[...]
    while !rest.isEmpty {
      do {
        rest = rest.dropFirst(try unsafe rest.withUnsafeBytes { try unsafe descriptor.write($0) })
      } catch Errno.wouldBlock {
        var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&entry, 1, -1)
      } catch {
        // Nobody reads it any more: the end of the input will follow.
        return
      }
    }
  }
}
