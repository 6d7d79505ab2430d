import DNSWire
import Steering
import SteeringPolicy

/// What open connections were let through for; the oldest is forgotten when there are too many.
struct ConnectionMemory {
  /// What tells a connection from others that are open at the same time.
  struct Key: Hashable {
    let client: IPAddress
    let clientPort: UInt16
    let listenerPort: UInt16
  }

  /// What a connection was let through for.
  struct Entry {
    let request: ProxyRequest
    /// The route's name.
    let route: String
    /// The pod that had the client's address, as `NAMESPACE/POD`; nil if none was known.
    let pod: String?
    /// Its place among all that were ever remembered.
    fileprivate let number: UInt64
    /// The snapshot that allowed it last, by number; 0 is none.
    fileprivate var snapshotNumber: UInt64
  }

  /// An entry that is to be decided by the snapshot that is served from now.
  struct Candidate {
    let entry: Entry
    let connection: SocketDiagnostics.Connection
  }

  private let capacity: Int
  private var entries: [Key: Entry] = [:]
  private var added: UInt64 = 0
  private var snapshot: Snapshot?
  /// Numbers the snapshots.
  private(set) var snapshotNumber: UInt64 = 0
  private var forgotten: UInt64 = 0
  private var closed: UInt64 = 0

  init(capacity: Int) {
    self.capacity = max(1, capacity)
  }

  /// How much is and was remembered.
  var counts: OpenConnections.Counts {
    OpenConnections.Counts(remembered: entries.count, forgotten: forgotten, closed: closed)
  }

  /// The listeners of connections that are remembered.
  var listenerPorts: Set<UInt16> { Set(entries.keys.lazy.map(\.listenerPort)) }

  /// Remembers a connection in place of one before it between the same ports.
  mutating func add(_ request: ProxyRequest, route: String, pod: String?, allowedBy snapshot: Snapshot) {
    added += 1
    entries[Key(request)] = Entry(
      request: request, route: route, pod: pod, number: added,
      snapshotNumber: snapshot === self.snapshot ? snapshotNumber : 0)
    if entries.count > capacity { forgetOldest() }
  }

  /// Forgets a sixteenth of all: to find the oldest one takes a look at each.
  private mutating func forgetOldest() {
    let numbers = entries.values.map(\.number).sorted()
    let last = numbers[min(capacity / 16, numbers.count - 1)]
    let before = entries.count
    entries = entries.filter { $0.value.number > last }
    forgotten += UInt64(before - entries.count)
  }

  /// Decides by `snapshot` from now on, and returns the number of the connection remembered last; nil if `snapshot` is
  /// older than the one before.
  mutating func begin(_ snapshot: Snapshot) -> UInt64? {
    if let current = self.snapshot, current !== snapshot {
      if SerialNumber.isAfter(current.generation.serial, snapshot.generation.serial) { return nil }
    }
    if self.snapshot !== snapshot {
      self.snapshot = snapshot
      snapshotNumber += 1
    }
    return added
  }

  /// Takes note of the connections that are open: forgets those that are not, up to the one of a number, and returns
  /// those that the snapshot has not decided yet, and those of which nothing is remembered.
  mutating func compare(
    _ open: [SocketDiagnostics.Connection], upTo number: UInt64
  ) -> (candidates: [Candidate], strangers: [SocketDiagnostics.Connection]) {
    var candidates: [Candidate] = []
    var strangers: [SocketDiagnostics.Connection] = []
    for connection in open {
      guard let entry = entries[Key(connection)] else {
        strangers.append(connection)
        continue
      }
      if entry.snapshotNumber != snapshotNumber {
        candidates.append(Candidate(entry: entry, connection: connection))
      }
    }
    let keys = Set(open.map(Key.init))
    entries = entries.filter { $0.value.number > number || keys.contains($0.key) }
    return (candidates, strangers)
  }

  /// Notes that the snapshot allows a connection.
  mutating func allow(_ candidate: Candidate) {
    let number = snapshotNumber
    change(candidate) { $0?.snapshotNumber = number }
  }

  /// Forgets a connection that goes on to its end.
  mutating func release(_ candidate: Candidate) {
    change(candidate) { $0 = nil }
  }

  /// Counts a connection that was closed, and forgets what is remembered of it.
  mutating func close(_ candidate: Candidate?) {
    closed += 1
    if let candidate { release(candidate) }
  }

  /// Changes an entry, unless there is a newer connection in its place.
  private mutating func change(_ candidate: Candidate, _ body: (inout Entry?) -> Void) {
    let key = Key(candidate.connection)
    guard entries[key]?.number == candidate.entry.number else { return }
    body(&entries[key])
  }
}

extension ConnectionMemory.Key {
  init(_ request: ProxyRequest) {
    self.init(client: request.client, clientPort: request.clientPort, listenerPort: request.listenerPort)
  }

  init(_ connection: SocketDiagnostics.Connection) {
    self.init(client: connection.peer, clientPort: connection.peerPort, listenerPort: connection.localPort)
  }
}
