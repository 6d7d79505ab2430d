/// What takes whole lines over to write them down, without anyone waiting for it.
public protocol LineSink: Sendable {
  /// Takes lines over, each with its line feed; what it has no room for it drops, and counts.
  func add(_ lines: [UInt8])
}
