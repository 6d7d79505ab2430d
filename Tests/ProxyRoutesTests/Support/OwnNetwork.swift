import DNSWire
import Foundation
import Glibc
import Testing

/// A network with nothing but loopback, which a test has for itself.
enum OwnNetwork {
  /// Runs `body` on a thread of its own in a new network namespace; sockets made there stay there.
  ///
  /// All of 127.0.0.0/8 and the IPv6 `addresses` are local in it. It goes with the last of its sockets.
  static func with<Result: Sendable>(
    _ addresses: [String] = [], _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Swift.Result {
            // The thread ends with `body`, so it never comes back to the machine's own network.
            try enter()
            for address in addresses { try add(address) }
            return try body()
          })
      }
    }
  }

  /// Takes a capability from the calling thread, for as long as it lives.
  static func give(up capability: Int) throws {
    typealias Function = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer?) -> Int32
    // `struct __user_cap_header_struct` of version 3, and two of `struct __user_cap_data_struct` (capget(2)).
    var header: [UInt32] = [0x2008_0522, 0]
    var sets = [UInt32](repeating: 0, count: 6)
    let get = unsafe try #require(dlsym(nil, "capget").map { unsafe unsafeBitCast($0, to: Function.self) })
    let set = unsafe try #require(dlsym(nil, "capset").map { unsafe unsafeBitCast($0, to: Function.self) })
    try check(unsafe get(&header, &sets))
    for place in 0..<3 { sets[capability / 32 * 3 + place] &= ~(1 << UInt32(capability % 32)) }
    try check(unsafe set(&header, &sets))
  }

  private static func enter() throws {
    // Glibc's module does not show unshare(2), which is an extension of GNU.
    typealias Function = @convention(c) (Int32) -> Int32
    let networkNamespace: Int32 = 0x4000_0000
    let unshare = unsafe try #require(dlsym(nil, "unshare").map { unsafe unsafeBitCast($0, to: Function.self) })
    try check(
      unshare(networkNamespace), "these tests need root and a kernel with network namespaces")
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    // `struct ifreq`: a name of 16 octets, then the flags.
    var request = [UInt8](repeating: 0, count: 40)
    request.replaceSubrange(0..<2, with: Array("lo".utf8))
    request[16] = UInt8(IFF_UP)
    try check(unsafe ioctl(descriptor, UInt(SIOCSIFFLAGS), &request))
  }

  private static func add(_ address: String) throws {
    let descriptor = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    // `struct in6_ifreq`: an address, its prefix's length, and the index of an interface, which is 1 for loopback.
    let address = try #require(IPAddress(address))
    var request = address.octets + [128, 0, 0, 0, 1, 0, 0, 0]
    try check(unsafe ioctl(descriptor, UInt(SIOCSIFADDR), &request))
    // The kernel lets it be used a moment later.
    let start = ContinuousClock.now
    while (try? StreamSocket.listen(at: address)) == nil, start.duration(to: .now) < .seconds(10) { usleep(1000) }
  }

  private static func check(_ result: Int32, _ advice: String = "") throws {
    try #require(result == 0, "\(unsafe String(cString: strerror(errno))); \(advice)")
  }
}
