import Glibc
import SystemPackage

/// The `cache.log` of a Squid that we run: nobody else cuts it, and in a pod it lies in memory.
///
/// Squid appends to it whatever is done to it, so it is cut in place; to have Squid open another one (`-k rotate`), it would
/// end its helpers, and with them the questions under way.
struct SquidLog {
  /// Octets that it may have.
  static let longest = 4 << 20
  /// Octets that are left of it: the newest lines.
  static let kept = 1 << 20

  /// Where it is.
  let path: String

  /// Cuts it if it is too long; throws if it cannot be.
  ///
  /// Squid's user may put something else in its place, so nothing is followed. What Squid writes while it is cut is lost.
  func cut() throws(Errno) {
    let file: FileDescriptor
    do {
      file = try .open(FilePath(path), .readWrite, options: [.append, .noFollow, .closeOnExec, .nonBlocking])
    } catch let errno as Errno where errno == .noSuchFileOrDirectory {
      return
    } catch {
      throw error as? Errno ?? .ioError
    }
    defer { try? file.close() }
    var status = stat()
    guard unsafe fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
      throw .permissionDenied
    }
    guard status.st_size > Self.longest else { return }
    do {
      var end = [UInt8](repeating: 0, count: Self.kept)
      let count = try unsafe end.withUnsafeMutableBytes {
        try unsafe file.read(fromAbsoluteOffset: Int64(status.st_size) - Int64(Self.kept), into: $0)
      }
      guard ftruncate(file.rawValue, 0) == 0 else { throw Errno(rawValue: errno) }
      let lines = end[..<count].drop { $0 != UInt8(ascii: "\n") }.dropFirst()
      try file.writeAll(lines)
    } catch {
      throw error as? Errno ?? .ioError
    }
  }
}
