import Glibc

/// A file that is appended to, and opened anew at its path once another stands there, or none.
struct LogFile: ~Copyable {
  /// Why a file cannot be opened.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// What tells files apart.
  private struct Identity: Equatable {
    let device: dev_t
    let inode: ino_t
  }

  private(set) var descriptor: Int32
  private let path: String
  /// Nil if the file is never opened anew: standard output, a pipe, a terminal.
  private var identity: Identity?
  /// When the path was looked at last, in seconds of a clock that is never set.
  private var lastLook = 0

  /// Opens the file at `path` for appending; `-` is standard output.
  init(_ path: String) throws(Failure) {
    let isStandardOutput = path == "-"
    let descriptor = isStandardOutput ? dup(1) : Self.open(path)
    guard descriptor >= 0 else { throw Failure(description: unsafe String(cString: strerror(errno))) }
    self.descriptor = descriptor
    self.path = path
    identity = isStandardOutput ? nil : Self.identity(of: descriptor)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Opens the file anew if its path, looked at once a second, leads elsewhere; returns whether it did.
  ///
  /// While nothing can be opened there, the file that was moved away takes what is written.
  mutating func reopenIfMoved() -> Bool {
    if identity == nil { return false }
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    guard time.tv_sec != lastLook else { return false }
    lastLook = time.tv_sec
    var status = stat()
    if unsafe stat(path, &status) == 0, Identity(device: status.st_dev, inode: status.st_ino) == identity {
      return false
    }
    let new = Self.open(path)
    guard new >= 0, let identity = Self.identity(of: new) else {
      if new >= 0 { close(new) }
      return false
    }
    close(descriptor)
    descriptor = new
    self.identity = identity
    return true
  }

  private static func open(_ path: String) -> Int32 {
    unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
  }

  /// What tells a file from others; nil if it is no regular file.
  private static func identity(of descriptor: Int32) -> Identity? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Identity(device: status.st_dev, inode: status.st_ino)
  }
}
