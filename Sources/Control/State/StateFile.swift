import Foundation
import Glibc

/// A file that is replaced whole: who reads it finds what was there before, or all of what is there now.
///
/// It starts with a line that says what it is, and when what it holds was known to be so. It is this user's alone.
struct StateFile: Sendable {
  /// Why it cannot be read or written.
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// The version of what is written; another one is not read.
  private static let version = 1
  /// Digits of the time, so that it can be written in its place.
  private static let timeWidth = 20

  /// Where it is.
  let path: String
  private let folder: String
  /// The first line up to the time.
  private let mark: [UInt8]
  private let maximumSize: Int

  /// A file of a name in a folder, of at most `maximumSize` octets.
  init(folder: String, name: String, maximumSize: Int) {
    self.folder = folder
    self.maximumSize = maximumSize
    path = URL(fileURLWithPath: folder, isDirectory: true).appendingPathComponent(name).path
    mark = Array("steer \(name) \(Self.version) ".utf8)
  }

  /// Replaces the file by what `body` writes, which was known to be so `age` seconds ago.
  func replace(age: Double, _ body: (inout Writer) throws(Fault) -> Void) throws(Fault) {
    let temporary = path + ".new"
    // What one that was killed has left.
    _ = unsafe unlink(temporary)
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.fault("it cannot be made") }
    defer { close(descriptor) }
    do throws(Fault) {
      var writer = Writer(descriptor, maximumSize: maximumSize)
      try writer.append(mark + Self.digits(age: age) + [0x0A])
      try body(&writer)
      guard fsync(descriptor) == 0, unsafe rename(temporary, path) == 0 else {
        throw Self.fault("it cannot be written")
      }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
    // The name must outlast a loss of power as what it names does.
    let directory = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }

  /// Notes that what the file holds was known to be so `age` seconds ago; false if that cannot be written into it.
  func replace(onlyAge age: Double) -> Bool {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let digits = Self.digits(age: age)
    return unsafe pwrite(descriptor, digits, digits.count, off_t(mark.count)) == digits.count
  }

  /// What the file holds, and how many seconds ago it was known to be so; nil if there is no file.
  func read() throws(Fault) -> (octets: ArraySlice<UInt8>, age: Double)? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw Self.fault("it cannot be opened")
    }
    defer { close(descriptor) }
    let octets = try contents(of: descriptor)
    let end = mark.count + Self.timeWidth
    guard octets.starts(with: mark), octets.count > end, octets[end] == 0x0A,
      let time = UInt32(String(decoding: octets[mark.count..<end], as: UTF8.self))
    else { throw Fault(description: "it is not of this version of steer") }
    return (octets[(end + 1)...], Date().timeIntervalSince1970 - Double(time))
  }

  private func contents(of descriptor: Int32) throws(Fault) -> [UInt8] {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Fault(description: "it is not a regular file")
    }
    // Who may write it says who is answered with what.
    guard status.st_uid == geteuid() || status.st_uid == 0, status.st_mode & S_IWOTH == 0 else {
      throw Fault(description: "others may write it; remove it")
    }
    guard let size = Int(exactly: status.st_size), size <= maximumSize else {
      throw Fault(description: "it has more than \(maximumSize) octets")
    }
    var octets = [UInt8](repeating: 0, count: size)
    var count = 0
    while count < size {
      let read = unsafe octets.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
      }
      if read < 0, errno == EINTR { continue }
      guard read > 0 else { throw Self.fault("it cannot be read") }
      count += read
    }
    return octets
  }

  /// The time `age` seconds ago, in seconds since 1970.
  private static func digits(age: Double) -> [UInt8] {
    let time = "\(UInt32(clamping: Int(Date().timeIntervalSince1970)) &- UInt32(min(max(age, 0), 1e9)))"
    return Array((String(repeating: "0", count: max(0, timeWidth - time.utf8.count)) + time).utf8)
  }

  /// A fault of the last system call.
  private static func fault(_ what: String) -> Fault {
    Fault(description: "\(what): \(unsafe String(cString: strerror(errno)))")
  }
}

extension StateFile {
  /// Writes a file from its start to its end.
  struct Writer: ~Copyable {
    private let descriptor: Int32
    private let maximumSize: Int
    private var size = 0

    fileprivate init(_ descriptor: Int32, maximumSize: Int) {
      self.descriptor = descriptor
      self.maximumSize = maximumSize
    }

    /// Adds octets; throws if the file becomes larger than it may.
    mutating func append(_ octets: [UInt8]) throws(Fault) {
      size += octets.count
      guard size <= maximumSize else { throw Fault(description: "it would have more than \(maximumSize) octets") }
      var rest = octets[...]
      while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw StateFile.fault("it cannot be written") }
        rest = rest.dropFirst(count)
      }
    }
  }
}
