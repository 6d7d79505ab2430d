import Glibc
import SystemPackage

/// Unix sockets by their path: making one to listen on, and connecting to one.
enum DecisionSocket {
  /// The access that its file gives: to its owner and its group.
  static let mode: mode_t = 0o660
  /// How many connections may wait to be accepted.
  private static let backlog: Int32 = 128

  /// A socket that listens at `path`, and is its file there.
  ///
  /// Its folder is made if it is missing. The file of a server that is gone is replaced, at once: there is no time at
  /// which none is there.
  static func listen(at path: String) throws(DecisionSocketError) -> Int32 {
    // Beside it, under a name that no other process takes.
    let draft = "\(path).\(getpid())"
    let address = try address(of: draft)
    try makeFolder(of: path)
    try checkFree(path)
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw DecisionSocketError(path, .system(errno)) }
    _ = unsafe unlink(draft)
    var isDone = unsafe withPointer(to: address) { unsafe bind(descriptor, $0, $1) } == 0
    isDone = unsafe isDone && chmod(draft, mode) == 0
    isDone = unsafe isDone && Glibc.listen(descriptor, backlog) == 0 && rename(draft, path) == 0
    guard isDone else {
      let error = errno
      _ = unsafe unlink(draft)
      close(descriptor)
      throw DecisionSocketError(path, .system(error))
    }
    return descriptor
  }

  /// A socket that is connected to whoever listens at `path`, and that never blocks.
  static func connect(to path: String) throws(DecisionSocketError) -> Int32 {
    let address = try address(of: path)
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, type, 0)
    guard descriptor >= 0 else { throw DecisionSocketError(path, .system(errno)) }
    // A Unix socket is connected at once, or not at all: EAGAIN says that too many wait already.
    guard unsafe withPointer(to: address, { unsafe Glibc.connect(descriptor, $0, $1) }) == 0 else {
      let error = errno
      close(descriptor)
      throw DecisionSocketError(path, .system(error))
    }
    return descriptor
  }

  /// A socket that is connected to a server at `path` which is root's, this user's, or of whoever owns the folder.
  ///
  /// Whoever else listens there would decide what is let through.
  static func connectToTrusted(_ path: String) throws(DecisionSocketError) -> FileDescriptor {
    let descriptor = try connect(to: path)
    var peer = PeerCredentials()
    var length = socklen_t(MemoryLayout<PeerCredentials>.size)
    let isKnown = unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0
    guard isKnown, peer.user == 0 || peer.user == geteuid() || peer.user == folderOwner(of: path) else {
      close(descriptor)
      throw DecisionSocketError(path, .strangeServer)
    }
    return FileDescriptor(rawValue: descriptor)
  }

  private static func folderOwner(of path: String) -> UInt32? {
    guard let slash = path.lastIndex(of: "/") else { return nil }
    var status = stat()
    guard unsafe stat(String(path[...slash]), &status) == 0 else { return nil }
    return status.st_uid
  }

  /// Which file a path leads to: one that was replaced is another.
  static func identity(of path: String) -> FileIdentity? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    return FileIdentity(device: status.st_dev, inode: status.st_ino)
  }

  /// A file, whatever its name.
  struct FileIdentity: Equatable, Sendable {
    let device: dev_t
    let inode: ino_t
  }

  /// Throws if something is at `path` that is no socket, or a socket on which someone listens.
  private static func checkFree(_ path: String) throws(DecisionSocketError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw DecisionSocketError(path, .system(errno))
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw DecisionSocketError(path, .noSocket) }
    do throws(DecisionSocketError) {
      close(try connect(to: path))
    } catch {
      if error.reason == .system(ECONNREFUSED) { return }
      guard error.reason == .system(EAGAIN) else { throw error }
    }
    throw DecisionSocketError(path, .inUse)
  }

  /// Makes the folder of a path, and those above it; in one that anyone may write, the socket could be anyone's.
  private static func makeFolder(of path: String) throws(DecisionSocketError) {
    guard path.hasPrefix("/"), let slash = path.lastIndex(of: "/") else {
      throw DecisionSocketError(path, .relativePath)
    }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    var made = ""
    for part in folder.split(separator: "/") {
      made += "/\(part)"
      guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else { throw DecisionSocketError(path, .system(errno)) }
    }
    var status = stat()
    guard unsafe stat(folder, &status) == 0 else { throw DecisionSocketError(path, .system(errno)) }
    guard status.st_mode & S_IWOTH == 0 || status.st_mode & S_ISVTX != 0 else {
      throw DecisionSocketError(path, .openFolder)
    }
  }

  private static func address(of path: String) throws(DecisionSocketError) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let octets = Array(path.utf8)
    let isLongest = octets.count >= MemoryLayout.size(ofValue: address.sun_path)
    guard !octets.isEmpty, !octets.contains(0), !isLongest else { throw DecisionSocketError(path, .unusablePath) }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: octets) }
    return address
  }

  private static func withPointer<Result>(
    to address: sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}

/// Why a Unix socket could not be had.
public struct DecisionSocketError: Error, Equatable, Sendable {
  /// What went wrong.
  public enum Reason: Equatable, Sendable {
    /// The system's error number.
    case system(Int32)
    /// Another process listens there.
    case inUse
    /// Something is there that is no socket.
    case noSocket
    /// The path does not start at the root.
    case relativePath
    /// The path is empty, or too long for a socket.
    case unusablePath
    /// Everyone may write the folder.
    case openFolder
    /// Another user's process listens there.
    case strangeServer
  }

  /// The socket's path.
  public let path: String
  /// What went wrong.
  public let reason: Reason

  init(_ path: String, _ reason: Reason) {
    self.path = path
    self.reason = reason
  }
}

extension DecisionSocketError: CustomStringConvertible {
  /// The path, the fault, and what to do.
  public var description: String {
    let fault =
      switch reason {
      case .system(let number): unsafe String(cString: strerror(number))
      case .inUse: "another Steer listens there; stop it, or name another path"
      case .noSocket: "something is there that is no socket; remove it, or name another path"
      case .relativePath: "the path does not start with '/'; write it from there"
      case .unusablePath: "a socket's path has 1 to 100 octets or so; name a shorter one"
      case .strangeServer: "another user listens there, who is not Steer's; see who made the socket"
      case .openFolder: "everyone may write its folder, and could put a socket in its place; chmod o-w the folder"
      }
    return "the socket \(path) cannot be used: \(fault)"
  }
}
