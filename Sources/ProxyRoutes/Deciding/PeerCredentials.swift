/// Who is at the other end of a Unix socket, as SO_PEERCRED tells it: the fields of C's `struct ucred`, in its order.
struct PeerCredentials: BitwiseCopyable, Sendable {
  /// The process that connected.
  var process: Int32 = 0
  /// The number of its user.
  var user: UInt32 = .max
  /// The number of its group.
  var group: UInt32 = .max
}
