import Glibc

/// Writes whole lines to a file that may take only a part of them, or none.
struct LineWriter: ~Copyable {
  private var file: LogFile
  /// Whether the file ends within a line.
  private var isTorn = false

  /// A writer to a file.
  init(_ file: consuming LogFile) {
    self.file = file
  }

  /// Writes lines, then how many were `dropped`, if any; returns how many that are that the file was not told of.
  ///
  /// A line that could be written only in part counts as dropped, and what comes next starts a line of its own.
  mutating func write(_ lines: [UInt8], dropped: UInt64) -> UInt64 {
    // How the file that was moved away ends is no concern of the one in its place.
    if file.reopenIfMoved() { isTorn = false }
    if isTorn { isTorn = write([0x0A]) == 0 }
    let written = isTorn ? 0 : write(lines)
    if written > 0 { isTorn = lines[written - 1] != 0x0A }
    let dropped = dropped + UInt64(lines[written...].count { $0 == 0x0A })
    guard dropped > 0, !isTorn else { return dropped }
    let line = Array("{\"dropped\":\(dropped)}\n".utf8)
    let told = write(line)
    isTorn = told > 0 && told < line.count
    return told == line.count ? 0 : dropped
  }

  /// Writes octets; returns how many of them the file took before it took no more.
  private func write(_ octets: [UInt8]) -> Int {
    var written = 0
    while written < octets.count {
      let count = unsafe octets.withUnsafeBytes { buffer in
        unsafe Glibc.write(file.descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
      }
      if count > 0 {
        written += count
      } else if count < 0, errno == EAGAIN {
        // Whoever shares the file with us made it so; this thread has nothing else to do.
        var entry = pollfd(fd: file.descriptor, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&entry, 1, -1)
      } else if count == 0 || errno != EINTR {
        // A full disk costs the log its lines, never a client its answer.
        break
      }
    }
    return written
  }
}
