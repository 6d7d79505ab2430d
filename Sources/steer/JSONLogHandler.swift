import Foundation
import Logging
import Synchronization

/// Writes each log event as one line of JSON to standard error: `time`, `level`, `message`, then the metadata.
struct JSONLogHandler: LogHandler {
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  /// Keeps the lines of different threads apart.
  private static let lock = Mutex(())

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
    if let error = event.error { fields["error"] = "\(error)" }
    fields["time"] = Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(Date())
    fields["level"] = event.level.rawValue
    fields["message"] = "\(event.message)"
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let line = try? encoder.encode(fields) else { return }
    Self.lock.withLock { _ in Output.error(String(decoding: line, as: UTF8.self)) }
  }
}
