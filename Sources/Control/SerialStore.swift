import Foundation
import Steering

/// Hands out serials that never go back (RFC 1982), across restarts too.
///
/// A serial is the time in seconds, or one more than the last if that is later. With a folder the last one is kept
/// there, so that a clock set back between two runs does not matter either.
public struct SerialStore: Sendable {
  /// Why the last serial cannot be read or kept.
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

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
    guard (try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)) != nil else {
      throw Fault(description: "the state folder \(folder) cannot be made; check its path and permissions")
    }
    let file = url.appendingPathComponent("serial")
    self.file = file
    guard FileManager.default.fileExists(atPath: file.path) else { return }
    let text = FileManager.default.contents(atPath: file.path).map { String(decoding: $0, as: UTF8.self) }
    guard let last = UInt32(text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "") else {
      throw Fault(description: "\(file.path) is no serial; write the last one into it, or remove it to start anew")
    }
    self.last = last
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
    guard let file else { return }
    guard (try? Data("\(serial)\n".utf8).write(to: file, options: .atomic)) != nil else {
      throw Fault(description: "\(file.path) cannot be written; check the folder's permissions and space")
    }
  }
}
