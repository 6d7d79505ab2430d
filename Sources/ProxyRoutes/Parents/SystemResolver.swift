import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Looks up host names by getaddrinfo(3), on threads of its own.
///
/// A name is looked up once at a time, whoever asks. While it has no answer, because the name servers are out of reach,
/// its last addresses go on: a parent is not down for that, and the proxy that uses it remembers them too.
final class SystemResolver: Resolver, Sendable {
  /// How long a name that has an older answer is waited for.
  private static let patience = TimeAmount.milliseconds(500)
  /// How many names may be looked up at once.
  private static let threads = 16
  /// How many names are remembered: more than there are parents.
  private static let capacity = 10_000

  private struct Names {
    /// Look-ups under way.
    var pending: [String: EventLoopFuture<Result<[SocketAddress], Failure>>] = [:]
    /// The last addresses of each name, with no port.
    var last: [String: [SocketAddress]] = [:]
  }

  /// Why a name has no addresses.
  struct Failure: Error, CustomStringConvertible {
    /// Whether that is the answer, and not that none could be had.
    let isFinal: Bool
    let description: String
  }

  private let group: any EventLoopGroup
  private let lookUp: @Sendable (String) throws(Failure) -> [SocketAddress]
  private let pool: NIOThreadPool
  private let names = Mutex(Names())

  /// A resolver whose answers come on the loops of a group, and that looks names up by a function.
  init(
    on group: any EventLoopGroup, lookUp: @escaping @Sendable (String) throws(Failure) -> [SocketAddress] = askSystem
  ) {
    self.group = group
    self.lookUp = lookUp
    pool = NIOThreadPool(numberOfThreads: Self.threads)
    pool.start()
  }

  deinit {
    pool.shutdownGracefully { _ in }
  }

  func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
    addresses(of: host, port: port, .inet)
  }

  func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
    addresses(of: host, port: port, .inet6)
  }

  /// Nothing: who asked for the name does not wait any more, and others may.
  func cancelQueries() {}

  private func addresses(
    of host: String, port: Int, _ family: NIOBSDSocket.ProtocolFamily
  ) -> EventLoopFuture<[SocketAddress]> {
    self.addresses(of: host).map { addresses in
      addresses.filter { $0.protocol == family }.map { address in
        var address = address
        address.port = port
        return address
      }
    }
  }

  /// The addresses of a name; its last ones if none can be had now.
  private func addresses(of host: String) -> EventLoopFuture<[SocketAddress]> {
    let loop = group.any()
    let (pending, last) = names.withLock { names in
      let pending = names.pending[host] ?? pool.runIfActive(eventLoop: loop) { self.lookUpNow(host) }
      names.pending[host] = pending
      return (pending, names.last[host])
    }
    guard let last else { return pending.flatMapResult { $0 } }
    let answer = loop.makePromise(of: [SocketAddress].self)
    let deadline = loop.scheduleTask(in: Self.patience) { answer.succeed(last) }
    pending.whenSuccess { result in
      deadline.cancel()
      switch result {
      case .failure(let failure) where failure.isFinal: answer.fail(failure)
      default: answer.succeed((try? result.get()) ?? last)
      }
    }
    return answer.futureResult
  }

  /// Looks a name up on the calling thread, and remembers what came of it.
  private func lookUpNow(_ host: String) -> Result<[SocketAddress], Failure> {
    let result = Result { () throws(Failure) in try lookUp(host) }
    names.withLock { names in
      names.pending[host] = nil
      guard case .success(let addresses) = result else { return }
      if names.last.count >= Self.capacity { names.last = [:] }
      names.last[host] = addresses
    }
    return result
  }

  /// All addresses of a name, in the order of RFC 6724.
  static func askSystem(_ host: String) throws(Failure) -> [SocketAddress] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(host, nil, &hints, &list)
    guard code == 0 else {
      let words = unsafe gai_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
      throw Failure(isFinal: code == EAI_NONAME, description: words)
    }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      if let address = unsafe address(of: entry.pointee) { addresses.append(address) }
      unsafe next = entry.pointee.ai_next
    }
    return addresses
  }

  /// The address of an entry; nil if it is of neither family.
  private static func address(of entry: addrinfo) -> SocketAddress? {
    let start = unsafe UnsafeRawPointer(entry.ai_addr)
    switch unsafe entry.ai_family {
    case AF_INET: return unsafe start.map { SocketAddress(unsafe $0.loadUnaligned(as: sockaddr_in.self)) }
    case AF_INET6: return unsafe start.map { SocketAddress(unsafe $0.loadUnaligned(as: sockaddr_in6.self)) }
    default: return nil
    }
  }
}
