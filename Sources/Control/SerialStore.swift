import Foundation
import Steering

/// Hands out serials that never go back (RFC 1982), across restarts too.
///
/// A serial is the time in seconds, or one more than the last if that is later. With a folder the last one is kept
/// there, so that a clock set back between two runs does not matter either.
public struct SerialStore: Sendable {
  private let file: URL?
  private var last: UInt32?

  /// A store that forgets: for commands that compile and do not serve.
  public static let inMemory = SerialStore()

  private init() {
    file = nil
  }

  /// A store that keeps the last serial in a folder, which is made if it is missing; nil keeps it in memory only.
  public init(folder: String?) throws {
    guard let folder else {
      file = nil
      return
    }
    let url = URL(fileURLWithPath: folder, isDirectory: true)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    let file = url.appendingPathComponent("serial")
    self.file = file
    if let text = try? String(contentsOf: file, encoding: .utf8) {
      last = UInt32(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }

  /// The serial for the next generation; `time` in seconds since 1970, now if nil.
  public func next(at time: Int? = nil) -> UInt32 {
    let now = UInt32(truncatingIfNeeded: time ?? Int(Date().timeIntervalSince1970))
    guard let last else { return now }
    return SerialNumber.latest(now, last &+ 1)
  }

  /// Keeps a serial that was published; throws if it cannot be written.
  public mutating func keep(_ serial: UInt32) throws {
    last = serial
    if let file { try Data("\(serial)\n".utf8).write(to: file, options: .atomic) }
  }
}
