import CDatagram
import DNSWire
import Glibc
import Steering

/// The buffers of one UDP worker: a batch of datagrams is received, answered and sent without allocating.
///
/// Each slot has room for a query, its source address, its control data and the answer. What is received in slot *i*
/// is answered in slot *i*; answers are sent from a list of their own, for not every query gets one.
@safe struct DatagramBatch: ~Copyable {
  /// How many datagrams one system call takes at most.
  static let size = 32
  /// The longest query taken, in octets: what one Ethernet frame carries.
  ///
  /// A longer one is cut off, and refused as malformed whatever is left of it.
  static let querySize = 1472
  /// Room for one packet-info control message of either family, in octets.
  private static let controlSize = 64

  private let received: UnsafeMutablePointer<cdatagram_message>
  private let answers: UnsafeMutablePointer<cdatagram_message>
  private let vectors: UnsafeMutablePointer<iovec>
  private let addresses: UnsafeMutablePointer<sockaddr_in6>
  private let octets: UnsafeMutablePointer<UInt8>
  private let control: UnsafeMutablePointer<UInt8>
  private let usesControl: Bool
  private var answerCount = 0
  /// The lines of the query log for this batch, if it is kept.
  private var log: [UInt8] = []

  private static var slotSize: Int { querySize + Responder.udpBufferSize }

  init(usesControl: Bool) {
    self.usesControl = usesControl
    unsafe received = .allocate(capacity: Self.size)
    unsafe answers = .allocate(capacity: Self.size)
    unsafe vectors = .allocate(capacity: Self.size * 2)
    unsafe addresses = .allocate(capacity: Self.size)
    unsafe octets = .allocate(capacity: Self.size * Self.slotSize)
    unsafe control = .allocate(capacity: Self.size * Self.controlSize)
    unsafe received.initialize(repeating: cdatagram_message(), count: Self.size)
    unsafe answers.initialize(repeating: cdatagram_message(), count: Self.size)
    unsafe addresses.initialize(repeating: sockaddr_in6(), count: Self.size)
    unsafe octets.initialize(repeating: 0, count: Self.size * Self.slotSize)
    unsafe control.initialize(repeating: 0, count: Self.size * Self.controlSize)
    for slot in 0..<Self.size {
      let query = unsafe octets + slot * Self.slotSize
      unsafe (vectors + slot).initialize(to: iovec(iov_base: query, iov_len: Self.querySize))
      unsafe (vectors + Self.size + slot).initialize(to: iovec(iov_base: query + Self.querySize, iov_len: 0))
      unsafe received[slot].header.msg_iov = vectors + slot
      unsafe received[slot].header.msg_iovlen = 1
      unsafe received[slot].header.msg_name = UnsafeMutableRawPointer(addresses + slot)
      unsafe answers[slot].header.msg_iovlen = 1
    }
  }

  deinit {
    unsafe received.deallocate()
    unsafe answers.deallocate()
    unsafe vectors.deallocate()
    unsafe addresses.deallocate()
    unsafe octets.deallocate()
    unsafe control.deallocate()
  }

  /// Receives what there is, waiting for the first datagram if `waits`; returns how many.
  mutating func receive(from socket: Int32, waits: Bool) -> Int {
    for slot in 0..<Self.size {
      unsafe received[slot].header.msg_namelen = socklen_t(MemoryLayout<sockaddr_in6>.size)
      if usesControl {
        unsafe received[slot].header.msg_control = UnsafeMutableRawPointer(control + slot * Self.controlSize)
        unsafe received[slot].header.msg_controllen = Self.controlSize
      }
    }
    let count =
      waits
      ? unsafe cdatagram_receive(socket, received, UInt32(Self.size))
      : unsafe cdatagram_receive_queued(socket, received, UInt32(Self.size))
    // An error is a time-out, a signal, or an ICMP error of an earlier answer: nothing was received.
    return max(Int(count), 0)
  }

  /// Answers the query in a slot and puts the answer on the list.
  mutating func answer(_ slot: Int, with responder: inout Responder) {
    let query = unsafe octets + slot * Self.slotSize
    let length = unsafe min(Int(received[slot].length), Self.querySize)
    let datagram = unsafe Span(_unsafeStart: query, count: length)
    var client = RelayedClient.none
    var start = 0
    switch ProxyHeader.read(datagram, isDatagram: true) {
    case .absent: break
    case .present(let relayed, let length):
      client = relayed
      start = length
    case .incomplete, .invalid: return responder.counters.countInvalidProxyHeader()
    }
    if unsafe received[slot].header.msg_flags & Int32(MSG_TRUNC) != 0 {
      var message = unsafe MutableSpan(_unsafeStart: query + start, count: length - start)
      Query.spoil(&message)
    }
    let message = unsafe Span(_unsafeStart: query + start, count: length - start)
    var response = unsafe MutableSpan(_unsafeStart: query + Self.querySize, count: Responder.udpBufferSize)
    let source = source(of: slot)
    let size = responder.respond(to: message, from: source, relaying: client, over: .udp, into: &response)
    guard size > 0 else { return }
    if responder.logsQueries {
      responder.appendLogLine(of: message, from: source, relaying: client, over: .udp, at: LogTime.text(), to: &log)
    }
    unsafe vectors[Self.size + slot].iov_len = size
    unsafe answers[answerCount].header.msg_iov = vectors + Self.size + slot
    unsafe answers[answerCount].header.msg_name = received[slot].header.msg_name
    unsafe answers[answerCount].header.msg_namelen = received[slot].header.msg_namelen
    if usesControl {
      // The packet info goes back as it came, so that the answer leaves from the address that was asked.
      unsafe answers[answerCount].header.msg_control = received[slot].header.msg_control
      unsafe answers[answerCount].header.msg_controllen = received[slot].header.msg_controllen
    }
    answerCount += 1
  }

  /// Sends the answers on the list and empties it; returns how many could not be sent.
  mutating func send(to socket: Int32) -> Int {
    var next = 0
    var failures = 0
    while next < answerCount {
      let sent = unsafe cdatagram_send(socket, answers + next, UInt32(answerCount - next))
      if sent > 0 {
        next += Int(sent)
      } else if errno != EINTR {
        // One destination is unreachable; that must not cost the others their answers.
        next += 1
        failures += 1
      }
    }
    answerCount = 0
    return failures
  }

  /// The lines of the query log since the last call.
  mutating func takeLog() -> [UInt8] {
    defer { log = [] }
    return log
  }

  /// The address that the query in a slot came from.
  func source(of slot: Int) -> IPAddress {
    let address = unsafe addresses + slot
    if unsafe address.pointee.sin6_family == sa_family_t(AF_INET) {
      return unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        unsafe IPAddress(v4: UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
      }
    }
    let words = unsafe withUnsafeBytes(of: address.pointee.sin6_addr) {
      unsafe ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    return IPAddress(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
  }
}
