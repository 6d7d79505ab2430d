import Glibc

/// Whom Squid runs as: a user of the system if Steer is root, else Steer's own.
public struct SquidAccount: Sendable {
  /// The user's number.
  public let user: UInt32
  /// The number of the user's group.
  public let group: UInt32

  /// The account for settings; throws if there is no such user.
  public init(_ settings: ProxySettings) throws {
    guard geteuid() == 0 else {
      (user, group) = (geteuid(), getegid())
      return
    }
    guard let entry = unsafe getpwnam(settings.user) else {
      throw SquidError(description: "there is no user '\(settings.user)' for Squid to run as; name one by proxy.user")
    }
    (user, group) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
  }

  /// Makes the folders of settings: one that only Steer writes to, and in it one for Squid's logs.
  public func makeFolders(_ settings: ProxySettings) throws {
    // Squid's user must not be able to change what Squid is started with.
    try make(settings.folder, mode: 0o755, isSquids: false, isIsolated: settings.isIsolated)
    try make(settings.logFolder, mode: 0o750, isSquids: true, isIsolated: settings.isIsolated)
  }

  /// Lets Squid's helpers reach the socket.
  public func share(socket: String) throws {
    guard geteuid() == 0, unsafe chown(socket, 0, group) != 0 else { return }
    throw SquidError(description: "\(socket) cannot be given to the group of user \(user): \(String(errno: errno))")
  }

  private func make(_ folder: String, mode: mode_t, isSquids: Bool, isIsolated: Bool) throws {
    var path = ""
    for part in folder.split(separator: "/") {
      path += "/" + part
      if unsafe mkdir(path, mode) != 0, errno != EEXIST {
        throw SquidError(
          description: "\(path) cannot be made: \(String(errno: errno)); make it, or name another proxy.folder")
      }
      if path == folder ? !isSquids : !isIsolated { try check(path) }
    }
    if isSquids, geteuid() == 0, unsafe chown(folder, user, group) != 0 {
      throw SquidError(description: "\(folder) cannot be given to user \(user): \(String(errno: errno))")
    }
    guard unsafe access(folder, W_OK) == 0 else {
      throw SquidError(description: "\(folder) cannot be written to; name another proxy.folder")
    }
  }

  /// Throws if anyone but root and this process' user could put something else in place of a folder or what is in it.
  private func check(_ folder: String) throws {
    var status = stat()
    guard unsafe stat(folder, &status) == 0 else {
      throw SquidError(description: "\(folder) cannot be read: \(String(errno: errno)); name another proxy.folder")
    }
    // In a folder such as /tmp only the owner of what is there can move it away.
    let isShared = status.st_mode & (S_IWGRP | S_IWOTH) != 0 && status.st_mode & S_ISVTX == 0
    guard !isShared, status.st_uid == 0 || status.st_uid == geteuid() else {
      throw SquidError(
        description: "\(folder) can be written to by others, who could change what Squid is started with; take that "
          + "right away (chmod go-w, chown), or name another proxy.folder")
    }
  }
}

extension String {
  /// What an error number means.
  fileprivate init(errno: Int32) {
    self = unsafe String(cString: strerror(errno))
  }
}
