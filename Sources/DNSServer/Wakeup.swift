import Glibc

/// What one thread waits for, and others give without waiting.
///
/// The pointer never changes, and what it points to is made for use by several threads at once.
@safe final class Wakeup: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    unsafe semaphore = .allocate(capacity: 1)
    unsafe sem_init(semaphore, 0, 0)
  }

  deinit {
    unsafe sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }

  /// Lets one `wait` return, now or when it is called.
  func signal() {
    unsafe sem_post(semaphore)
  }

  /// Waits for a signal; a handled signal of the system may end it too.
  func wait() {
    unsafe sem_wait(semaphore)
  }
}
