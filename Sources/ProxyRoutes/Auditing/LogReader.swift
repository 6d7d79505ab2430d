import Glibc

/// Reads the lines of a file of any size.
public struct LogReader: ~Copyable {
  /// Why a file cannot be read.
  public struct Unreadable: Error, CustomStringConvertible {
    public let description: String
  }

  /// The most octets of a line that is taken.
  public static let lineLimit = 1 << 20

  private let path: String
  private let descriptor: Int32

  /// Opens the file at `path`; `-` is standard input.
  public init(_ path: String) throws(Unreadable) {
    self.path = path
    descriptor = path == "-" ? dup(0) : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path) }
  }

  /// The octets of the file at `path`, which is not opened; nil if it is no regular file, of which nobody knows them.
  public static func size(of path: String) throws(Unreadable) -> UInt64? {
    if path == "-" { return nil }
    var status = stat()
    guard unsafe stat(path, &status) == 0, unsafe access(path, R_OK) == 0 else { throw failure(path) }
    return status.st_mode & S_IFMT == S_IFREG ? UInt64(status.st_size) : nil
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Hands each line to `take`, as a range of octets without the line feed, or nil if it is too long.
  ///
  /// After each part of the file `progress` is told how many octets it had.
  public func read(_ take: ([UInt8], Range<Int>?) -> Void, progress: (UInt64) -> Void) throws(Unreadable) {
    var buffer = [UInt8](repeating: 0, count: Self.lineLimit)
    // The octets of the line that is not whole yet, and whether it is too long to be.
    var kept = 0
    var isTooLong = false
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress.map { unsafe $0 + kept }, buffer.count - kept)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure(path) }
      if count == 0 { break }
      progress(UInt64(count))
      var (start, next) = (0, kept)
      let filled = kept + count
      while let end = buffer[next..<filled].firstIndex(of: 0x0A) {
        take(buffer, isTooLong ? nil : start..<end)
        isTooLong = false
        (start, next) = (end + 1, end + 1)
      }
      if isTooLong || filled - start == buffer.count {
        isTooLong = true
        kept = 0
      } else {
        kept = filled - start
        if start > 0 { for index in 0..<kept { buffer[index] = buffer[start + index] } }
      }
    }
    if isTooLong || kept > 0 { take(buffer, isTooLong ? nil : 0..<kept) }
  }

  private static func failure(_ path: String) -> Unreadable {
    Unreadable(description: "\(path) cannot be read: \(unsafe String(cString: strerror(errno)))")
  }
}
