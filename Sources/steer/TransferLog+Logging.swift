import DNSServer
import Logging
import Steering

extension TransferLog {
  /// Logs what there was since the last time.
  func log(to logger: Logger) {
    let (counts, dropped) = drain()
    for (event, count) in counts { event.log(times: count, to: logger) }
    if dropped > 0 { logger.warning("zone transfers: more than fit the log", metadata: ["events": "\(dropped)"]) }
  }
}

extension TransferEvent {
  fileprivate func log(times count: UInt64, to logger: Logger) {
    var metadata: Logger.Metadata = ["client": "\(client)", "times": "\(count)"]
    if !outcome.isOfSignature { metadata["zone"] = "\(zone)" }
    if let key { metadata["key"] = "\(key)" }
    switch outcome {
    case .finished(let records, let octets):
      metadata["serial"] = "\(serial)"
      metadata["records"] = "\(records)"
      metadata["octets"] = "\(octets)"
      logger.info("zone transferred", metadata: metadata)
    case .brokenOff(let records):
      metadata["records"] = "\(records)"
      logger.warning("zone transfer broken off by the client, or for want of time", metadata: metadata)
    case .unsendable(let records):
      metadata["records"] = "\(records)"
      logger.error("zone transfer ended: a record fits no message", metadata: metadata)
    case .refused: logger.warning("zone transfer refused: neither key nor address may have it", metadata: metadata)
    case .postponed: logger.warning("zone transfer postponed: too many at one time", metadata: metadata)
    case .badSignature: logger.warning("signature refused: the key's secret is another", metadata: metadata)
    case .badKey: logger.warning("signature refused: no such key with that algorithm", metadata: metadata)
    case .badTime: logger.warning("signature refused: the clocks differ", metadata: metadata)
    case .badTruncation: logger.warning("signature refused: its code is cut", metadata: metadata)
    }
  }
}
