import DNSWire
import Glibc
import NIOCore
import NIOPosix
import SteeringPolicy

/// Tries a parent proxy once.
struct ParentProbe: Sendable {
  /// What a try came to.
  enum Result: Sendable {
    /// The parent took the connection, and connected to what it was asked for, within a time.
    case up(Duration)
    /// It did not, for a reason.
    case failed(String)
    /// Nobody wants to know any more.
    case cancelled
  }

  private let group = MultiThreadedEventLoopGroup.singleton
  private let resolver: SystemResolver

  init(resolver: SystemResolver = SystemResolver(on: MultiThreadedEventLoopGroup.singleton)) {
    self.resolver = resolver
  }

  /// Connects to a parent at any of its addresses, and asks it to connect to `target` if there is one.
  ///
  /// All of it, the look-up of a host name too, has to be done within `timeout`.
  func check(
    _ parent: EgressRoute.ParentProxy, asking target: EgressRoute.ConnectTarget?, within timeout: Duration
  ) async -> Result {
    let start = ContinuousClock.now
    let loop = group.next()
    let done = loop.makePromise(of: Void.self)
    let deadline = loop.scheduleTask(in: TimeAmount(timeout)) {
      done.fail(ProbeFailure.timedOut)
    }
    let connecting = connect(to: parent, on: loop, within: TimeAmount(timeout)) { channel in
      channel.eventLoop.makeCompletedFuture {
        guard let target else { return }
        try channel.pipeline.syncOperations.addHandler(ConnectProbeHandler(target, done))
      }
    }
    connecting.whenComplete { result in
      switch result {
      case .success(let channel):
        if target == nil { done.succeed() }
        done.futureResult.whenComplete { _ in channel.close(promise: nil) }
      case .failure(let error): done.fail(error)
      }
    }
    done.futureResult.whenComplete { _ in deadline.cancel() }
    do {
      try await withTaskCancellationHandler {
        try await done.futureResult.get()
      } onCancel: {
        done.fail(CancellationError())
      }
      return .up(start.duration(to: .now))
    } catch is CancellationError {
      return .cancelled
    } catch {
      return .failed(ProbeFailure.describe(error))
    }
  }

  private func connect(
    to parent: EgressRoute.ParentProxy, on loop: any EventLoop, within timeout: TimeAmount,
    _ initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
  ) -> EventLoopFuture<any Channel> {
    let bootstrap = ClientBootstrap(group: loop).connectTimeout(timeout).resolver(resolver)
      .channelInitializer(initializer)
    guard let address = IPAddress(parent.host) else {
      return bootstrap.connect(host: parent.host, port: Int(parent.port))
    }
    do {
      return bootstrap.connect(to: try SocketAddress(ipAddress: address.description, port: Int(parent.port)))
    } catch {
      return loop.makeFailedFuture(error)
    }
  }
}

/// Why a try failed, in words.
struct ProbeFailure: Error {
  static let timedOut = ProbeFailure("timed out")

  let description: String

  init(_ description: String) {
    self.description = description
  }

  /// The words for an error of a connection.
  static func describe(_ error: any Error) -> String {
    switch error {
    case let failure as ProbeFailure: failure.description
    case let error as IOError: words(error.errnoCode)
    case let error as NIOConnectionError: describe(error)
    case let failure as SystemResolver.Failure: failure.description
    case ChannelError.connectTimeout: timedOut.description
    default: "\(error)"
    }
  }

  /// That the name has no address, or what became of each address.
  private static func describe(_ error: NIOConnectionError) -> String {
    var reasons: [String] = []
    for attempt in error.connectionErrors {
      let reason = "\(attempt.target.ipAddress ?? error.host): \(describe(attempt.error))"
      if !reasons.contains(reason) { reasons.append(reason) }
    }
    if !reasons.isEmpty { return reasons.joined(separator: "; ") }
    return (error.dnsAError ?? error.dnsAAAAError).map(describe) ?? "the name has no address"
  }

  private static func words(_ errno: CInt) -> String {
    unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
  }
}
