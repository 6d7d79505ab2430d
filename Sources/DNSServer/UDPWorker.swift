import DNSWire
import Steering
import Synchronization

/// One thread with its own socket and responder: receive a batch, answer in place, send the answers.
final class UDPWorker: Sendable {
  /// What the worker counts; it alone writes.
  let counters = Counters()
  /// Answers that the system refused to send.
  let sendFailures = Atomic<UInt64>(0)
  /// What the worker answered of late with a route's addresses, if that is kept; it alone writes.
  let recentAnswers: RecentAnswerTable?
  let askers = AskerTable()
  private let socket: UDPSocket
  private let cell: SnapshotCell
  private let answers: AnswerSettings
  private let view: ListenerView?
  private let logs: ServerLogs
  private let isStopping = Atomic<Bool>(false)

  /// Opens the worker's socket; nothing is received until `start`.
  init(
    _ endpoint: Endpoint, _ cell: SnapshotCell, answers: AnswerSettings, view: ListenerView?, logs: ServerLogs
  ) throws(SocketError) {
    socket = try UDPSocket(endpoint)
    self.cell = cell
    self.answers = answers
    self.view = view
    self.logs = logs
    recentAnswers = logs.keepsRecentAnswers ? RecentAnswerTable() : nil
  }

  /// The port that the socket is bound to.
  var port: UInt16 { socket.port }

  /// Serves on a thread of its own; nil if the system has none to give.
  func start() -> WorkerThread? {
    WorkerThread { self.run() }
  }

  /// Ends the worker once it has answered what was queued.
  func stop() {
    isStopping.store(true, ordering: .releasing)
  }

  private func run() {
    var version: UInt64 = 0
    var responder = Responder(
      cell.take(ifNewerThan: &version) ?? cell.current, settings: answers, listenerView: view, counters: counters)
    responder.logsQueries = logs.queries != nil
    responder.recentAnswers = recentAnswers
    responder.askers = askers
    var batch = DatagramBatch(usesControl: socket.isWildcard)
    var isStopping = false
    while true {
      let received = batch.receive(from: socket.descriptor, waits: !isStopping)
      if let snapshot = cell.take(ifNewerThan: &version) { responder.snapshot = snapshot }
      for slot in 0..<received {
        batch.answer(slot, with: &responder)
        if let report = responder.report { logs.reports.add(report) }
        if responder.hasTransferEvent, let event = responder.takeTransferEvent(from: batch.source(of: slot)) {
          logs.transfers.add(event)
        }
      }
      if let log = logs.queries, received > 0 { log.add(batch.takeLog()) }
      let failures = batch.send(to: socket.descriptor)
      if failures > 0 { sendFailures.add(UInt64(failures), ordering: .relaxed) }
      if isStopping && received == 0 { return }
      isStopping = self.isStopping.load(ordering: .acquiring)
    }
  }
}
