import DNSWire
import SteeringPolicy

/// Why a signature is not accepted, by the number that a TSIG has for it (RFC 8945 §4.2).
enum SignatureFault: UInt16, Sendable {
  /// The record cannot be read, or its code has a size that none has: FORMERR, and no TSIG in the answer.
  case malformed = 1
  case badSignature = 16
  case badKey = 17
  case badTime = 18
  case badTruncation = 22
}

/// The signature of a query, checked, and with it what signs the answer's messages (RFC 8945).
struct MessageSignature: Sendable {
  /// Why it is not accepted; nil if the query is as whoever has the key sent it.
  private(set) var fault: SignatureFault?
  /// The record; nil if it cannot be read.
  let record: TSIGRecord?
  private let key: TransferKey?
  /// The code of the message before: the query's, then each answer's.
  private var priorCode: [UInt8]
  private var isFirst = true

  /// Checks the TSIG at the end of a query at `time`, in seconds since 1970.
  init(of query: borrowing Query, _ message: borrowing Span<UInt8>, by keys: KeyRing, at time: UInt64) {
    record = TSIGRecord(message, at: query.signatureStart)
    guard let record else {
      (fault, key, priorCode) = (.malformed, nil, [])
      return
    }
    let found = keys[record.keyName]
    key = found?.algorithm.wireName == record.algorithm ? found : nil
    priorCode = record.mac
    fault = key.map { $0.fault(of: record, in: message, at: query.signatureStart, after: nil, time) } ?? .badKey
  }

  /// The key's name, if the signature is accepted.
  var acceptedKey: DomainName? { fault == nil ? key?.name : nil }

  /// The octets to keep back for the record that signs an answer.
  var size: Int {
    guard let record, fault != .malformed else { return 0 }
    // The fixed fields of a record and of a TSIG, and the time that an error of time has besides.
    return record.keyName.wire.count + record.algorithm.wire.count + 10 + 16 + 6 + (key?.algorithm.size ?? 0)
  }

  /// Signs a whole answer of `size` octets, in which the record goes last; returns the new size.
  ///
  /// Each further answer to the same query is signed as the next message of a stream (RFC 8945 §5.3.1). Errors are
  /// signed as far as they may be (§5.3.2).
  mutating func sign(_ response: inout MutableSpan<UInt8>, _ size: Int, at time: UInt64) -> Int {
    guard let record, fault != .malformed else { return size }
    var signature = TSIGRecord(
      keyName: record.keyName, algorithm: record.algorithm, timeSigned: time,
      originalID: response.span.uint16(at: 0), error: fault?.rawValue ?? 0)
    switch fault {
    case .badKey, .badSignature: return response.appendAdditional(signature.octets, to: size)
    case .badTime:
      // The client's own time, so that it can check the rest; ours goes beside it (RFC 8945 §5.2.3).
      signature.timeSigned = record.timeSigned
      signature.otherData = TSIGRecord.time(time)
    default: break
    }
    guard let key else { return size }
    let message = (0..<size).map { response[$0] }
    signature.mac = key.code(of: message, after: priorCode, with: signature, isFirst: isFirst)
    priorCode = signature.mac
    isFirst = false
    return response.appendAdditional(signature.octets, to: size)
  }
}

extension TransferKey {
  /// The most seconds that clocks may be apart: twice what RFC 8945 §10 recommends.
  private static let maximumFudge: UInt16 = 600

  /// The code of a message without its TSIG, which follows one whose code is `prior` (RFC 8945 §4.3, §5.3.1).
  func code(of message: [UInt8], after prior: [UInt8]?, with signature: TSIGRecord, isFirst: Bool) -> [UInt8] {
    let before = prior.map { UInt16($0.count).bigEndianOctets + $0 } ?? []
    return authenticationCode(of: [before, message, isFirst ? signature.variables : signature.timers])
  }

  /// Why the signature that starts at `position` of a message is not accepted at `time`; nil if it is.
  ///
  /// `prior` is the code of the query, for an answer. The order of the checks is that of RFC 8945 §5.2.
  func fault(
    of record: TSIGRecord, in message: borrowing Span<UInt8>, at position: Int, after prior: [UInt8]?, _ time: UInt64
  ) -> SignatureFault? {
    let size = algorithm.size
    guard record.mac.count <= size, record.mac.count >= max(10, size / 2) else { return .malformed }
    // As it was signed: with the ID of then, and without the TSIG.
    var signed = (0..<position).map { message[$0] }
    signed.replaceSubrange(0..<2, with: record.originalID.bigEndianOctets)
    signed.replaceSubrange(10..<12, with: (message.uint16(at: 10) &- 1).bigEndianOctets)
    let code = code(of: signed, after: prior, with: record, isFirst: true)
    // All octets, whatever the first ones are: how long it takes tells nothing of the right ones.
    var difference: UInt8 = 0
    for index in record.mac.indices { difference |= code[index] ^ record.mac[index] }
    guard difference == 0 else { return .badSignature }
    let distance = time > record.timeSigned ? time - record.timeSigned : record.timeSigned - time
    // Whatever the client allows: for so long a request can be replayed.
    if distance > UInt64(min(record.fudge, Self.maximumFudge)) { return .badTime }
    // A code that was cut is weaker than its key, and no secondary cuts it unless it is told to.
    return record.mac.count < size ? .badTruncation : nil
  }
}
