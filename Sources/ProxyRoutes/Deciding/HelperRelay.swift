/// What a helper makes of lines: Squid's questions go to the server under numbers of its own, and the answers back.
///
/// The numbers are never used twice, so that no answer can be taken for that to another question, however late it is and
/// whatever channels Squid uses again. No input or output is in here, nor is a clock.
struct HelperRelay {
  typealias Instant = ContinuousClock.Instant

  /// The state of the connection to the server.
  enum Link: Equatable {
    /// There is none; the next try is not before then.
    case closed(until: Instant)
    /// The server must have greeted by then.
    case greeting(until: Instant)
    /// The server answers.
    case up
  }

  /// The most questions that wait for the server; a further one is refused.
  static let pendingLimit = 1024
  /// How long after a failure the next try comes, at least and at most; in between it doubles.
  static let shortestPause = Duration.milliseconds(50)
  static let longestPause = Duration.seconds(1)

  /// The state of the connection, which the owner brings about.
  private(set) var link: Link
  /// What is to be written to Squid: whole lines.
  var answers: [UInt8] = []
  /// What is to be written to the server.
  var questions: [UInt8] = []
  /// What is to be told in Squid's log, a line each.
  var news: [String] = []

  /// Whether questions are refused at once: the last try failed, and that was told.
  private var isDown = false
  private let timeout: Duration
  private var pause = Self.shortestPause
  private var pending: [UInt64: (channel: UInt64, deadline: Instant)] = [:]
  /// The number of the next question, and of the first that may still wait.
  private var next: UInt64 = 1
  private var first: UInt64 = 1

  /// A relay that lets the server take `timeout` for an answer.
  init(timeout: Duration, at now: Instant) {
    self.timeout = timeout
    link = .closed(until: now)
  }

  /// Whether questions wait for the server.
  var isWaiting: Bool { !pending.isEmpty }

  /// When something is due although nothing comes in.
  var deadline: Instant? {
    let answer = pending[first]?.deadline
    switch link {
    case .closed(let until), .greeting(let until): return min(answer ?? until, until)
    case .up: return answer
    }
  }

  /// Takes a line of Squid.
  mutating func ask(_ line: LineSplitter.Line, at now: Instant) {
    switch line {
    case .truncated(let start):
      guard let channel = HelperQuery.channel(of: start) else { return }
      var reply = HelperReply(isAllowed: false)
      reply.add("reason", "malformed")
      answers += reply.line(on: channel)
    case .whole(let line):
      // Squid cannot wait on a channel that no one can read.
      guard let channel = HelperQuery.channel(of: line), let space = line.firstIndex(of: 0x20) else { return }
      guard !isDown, pending.count < Self.pendingLimit else {
        answers += HelperReply.unavailable.line(on: channel)
        return
      }
      pending[next] = (channel, now + timeout)
      questions += Array("\(next)".utf8) + line[space...] + [0x0A]
      next += 1
    }
  }

  /// Takes note of a connection, which the server has yet to greet.
  mutating func opened(at now: Instant) {
    link = .greeting(until: now + timeout)
    questions = Array((DecisionConnectionHandler.helperGreeting + "\n").utf8) + questions
  }

  /// Takes a line of the server.
  mutating func receive(_ line: LineSplitter.Line, at now: Instant) {
    if case .closed = link { return }
    guard case .whole(let line) = line else { return lost("its answer is none", at: now) }
    if case .greeting = link {
      guard line.elementsEqual(DecisionConnectionHandler.helperGreeting.utf8) else {
        return lost("what listens there is no Steer of this version", at: now)
      }
      link = .up
      if isDown { news.append("Steer answers again; requests are decided") }
      isDown = false
    } else {
      guard let number = HelperQuery.channel(of: line), let space = line.firstIndex(of: 0x20),
        HelperReply.isReply(line[(space + 1)...])
      else { return lost("its answer is none", at: now) }
      pause = Self.shortestPause
      // What was answered before, or never asked, is nobody's.
      guard let question = pending.removeValue(forKey: number) else { return }
      skipAnswered()
      answers += Array("\(question.channel)".utf8) + line[space...] + [0x0A]
    }
  }

  /// Takes note that there is no connection, or no longer, and why; what waits is refused.
  mutating func lost(_ reason: String, at now: Instant) {
    for number in first..<next {
      guard let question = pending.removeValue(forKey: number) else { continue }
      answers += HelperReply.unavailable.line(on: question.channel)
    }
    first = next
    questions = []
    // Many helpers lose one server at one time: they do not come back all at once.
    link = .closed(until: now + pause * Double.random(in: 0.5...1))
    pause = min(pause * 2, Self.longestPause)
    if !isDown { news.append("Steer cannot be asked, every request is refused until it can be: \(reason)") }
    isDown = true
  }

  /// Gives up what has taken too long.
  mutating func tick(at now: Instant) {
    if let question = pending[first], question.deadline <= now {
      lost("it has not answered within \(timeout)", at: now)
    } else if case .greeting(let until) = link, until <= now {
      lost("it has not answered within \(timeout)", at: now)
    }
  }

  private mutating func skipAnswered() {
    while first < next, pending[first] == nil { first += 1 }
  }
}
