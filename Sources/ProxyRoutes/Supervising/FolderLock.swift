import Glibc

/// Keeps a folder for one process: two that run Squid from one folder would each take over the other's.
public final class FolderLock: Sendable {
  private let descriptor: Int32

  /// Takes the folder of settings, which must be there; throws if another process has it.
  public init(_ settings: ProxySettings) throws {
    let file = "\(settings.folder)/lock"
    descriptor = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw SquidError(description: "\(file) cannot be opened: \(unsafe String(cString: strerror(errno)))")
    }
    // The lock ends with the process, however that ends.
    guard lockf(descriptor, F_TLOCK, 0) == 0 else {
      close(descriptor)
      throw SquidError(
        description:
          "another steer has the folder \(settings.folder); end it, or name another proxy.folder for this one")
    }
  }

  deinit { close(descriptor) }
}
