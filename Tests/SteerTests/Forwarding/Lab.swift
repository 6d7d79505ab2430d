import DNSWire
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A cluster in miniature, made of network namespaces: three pods, the resolver that they ask, Steer behind it, and, if
/// they are wanted, what lies outside of the cluster.
///
/// The resolver routes, so that a pod can ask Steer directly too. Nothing is shared with the machine's own network, and
/// nothing leaves the namespaces. All of it is removed with the lab.
final class Lab: Sendable {
  /// The namespaces.
  enum Place: String, CaseIterable, Sendable {
    case teamA = "team-a"
    case teamB = "team-b"
    case teamC = "team-c"
    case resolver, steer
    /// Two machines outside of the cluster, which have the proxies of the second tier.
    case firstVM = "vm-1"
    case secondVM = "vm-2"
    /// What the proxies are asked for.
    case origin

    /// The namespaces of pods.
    static let pods = [teamA, teamB, teamC]
    /// The cluster by itself.
    static let cluster = pods + [resolver, steer]

    /// The address that the namespace has.
    var address: String {
      switch self {
      case .teamA: "10.231.1.11"
      case .teamB: "10.231.2.12"
      case .teamC: "10.231.3.13"
      case .resolver: "10.231.0.53"
      case .steer: "10.231.0.77"
      case .firstVM: "10.231.6.21"
      case .secondVM: "10.231.7.22"
      case .origin: "10.231.8.31"
      }
    }

    /// The IPv6 address that the namespace has.
    var address6: String {
      switch self {
      case .teamA: "fd00:231:1::11"
      case .teamB: "fd00:231:2::12"
      case .teamC: "fd00:231:3::13"
      case .resolver: "fd00:231::53"
      case .steer: "fd00:231::77"
      case .firstVM: "fd00:231:6::21"
      case .secondVM: "fd00:231:7::22"
      case .origin: "fd00:231:8::31"
      }
    }

    /// The resolver's addresses on the pod's side.
    fileprivate var gateways: (String, String) {
      let number = Self.allCases.firstIndex(of: self).map { $0 + 1 } ?? 0
      return self == .steer
        ? (Place.resolver.address, Place.resolver.address6) : ("10.231.\(number).1", "fd00:231:\(number)::1")
    }
  }

  /// Where `ip netns exec` looks for the files of /etc that a namespace has for itself.
  private static let settings = "/etc/netns"
  /// Numbers the labs of this process.
  private static let count = Atomic(0)

  /// Where programs of the lab keep their files.
  let folder: WorkingFolder
  /// The namespaces that there are.
  private let places: [Place]
  private let prefix: String

  private init(_ places: [Place]) throws {
    folder = try WorkingFolder()
    self.places = places
    prefix = "steer-\(getpid())-\(Self.count.add(1, ordering: .relaxed).newValue)"
  }

  /// Makes a lab for as long as `body` takes, and removes it however that ends.
  static func open<Result>(
    _ places: [Place] = Place.cluster, _ body: (Lab) async throws -> Result
  ) async throws -> Result {
    let lab = try Lab(places)
    do {
      try await lab.make()
      let result = try await body(lab)
      await lab.remove()
      return result
    } catch {
      await lab.remove()
      throw error
    }
  }

  /// The name of a place's network namespace.
  func name(of place: Place) -> String { "\(prefix)-\(place.rawValue)" }

  private func make() async throws {
    var script = ["set -e"]
    for place in places {
      script += ["ip netns add \(name(of: place))", "ip -n \(name(of: place)) link set lo up"]
    }
    let resolver = "ip -n \(name(of: .resolver))"
    for place in places where place != .resolver {
      let device = "to-\(place.rawValue)"
      let there = "ip -n \(name(of: place))"
      let (gateway, gateway6) = place.gateways
      script += [
        "\(resolver) link add name \(device) type veth peer name eth0 netns \(name(of: place))",
        "\(resolver) address add \(gateway)/24 dev \(device)",
        "\(resolver) address add \(gateway6)/64 dev \(device) nodad",
        "\(resolver) link set \(device) up",
        "\(there) address add \(place.address)/24 dev eth0",
        "\(there) address add \(place.address6)/64 dev eth0 nodad",
        "\(there) link set eth0 up",
        "\(there) route add default via \(gateway)",
        "\(there) -6 route add default via \(gateway6)",
      ]
    }
    script.append("ip netns exec \(name(of: .resolver)) sysctl -qw net.ipv4.ip_forward=1")
    // As the manual advises: a listener that closes hands on what waits at it.
    script.append("ip netns exec \(name(of: .steer)) sysctl -qw net.ipv4.tcp_migrate_req=1")
    let made = try await SteerTests.run(["sh", "-c", script.joined(separator: "\n")])
    try #require(
      made.status == 0,
      """
      No network namespaces can be made: \(made.errors)
      These tests need root, the package iproute2, and a kernel with network namespaces and veth.
      """)
  }

  /// Ends every program that runs in the lab's namespaces, and removes them.
  private func remove() async {
    // Squid keeps its name in shared memory, which is not of a network namespace, and stays when it is killed.
    let script = places.map(name).map { name in
      """
      for process in $(ip netns pids \(name) 2>/dev/null); do
        squid=$(tr '\\0' '\\n' 2>/dev/null <"/proc/$process/cmdline" | sed -n '/^-n$/{n;p;}')
        kill -9 "$process" 2>/dev/null
        [ -z "$squid" ] || rm -f "/dev/shm/$squid"-cf__*
      done
      ip netns delete \(name)
      rm -rf \(Self.settings)/\(name)
      """
    }
    _ = try? await SteerTests.run(["sh", "-c", script.joined(separator: "\n")])
  }
}

extension Lab {
  /// The command line that runs a program in a place.
  private func command(_ arguments: [String], in place: Place) -> [String] {
    ["ip", "netns", "exec", name(of: place)] + arguments
  }

  /// Runs a program in a place to its end.
  func run(_ arguments: [String], in place: Place) async throws -> Finished {
    try await SteerTests.run(command(arguments, in: place))
  }

  /// Writes a file of /etc for the programs that start in a place from now on.
  func write(_ text: String, toEtc name: String, in place: Place) throws {
    let folder = URL(filePath: "\(Self.settings)/\(self.name(of: place))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  /// Starts a program in a place; the lab ends it.
  func start(_ arguments: [String], in place: Place) throws -> ChildProcess {
    try ChildProcess(command(arguments, in: place), in: folder)
  }

  /// Runs `body` on a thread of its own whose network is that of a place; sockets made there stay there.
  func inside<Result: Sendable>(
    _ place: Place, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    let path = "/run/netns/\(name(of: place))"
    return try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Swift.Result {
            // The thread ends with `body`, so it never comes back to the machine's own network.
            try Self.enter(path)
            return try body()
          })
      }
    }
  }

  /// Moves the calling thread into a network namespace.
  private static func enter(_ path: String) throws {
    // Glibc's module does not show setns(2), which is an extension of GNU.
    typealias Function = @convention(c) (Int32, Int32) -> Int32
    let networkNamespace: Int32 = 0x4000_0000
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    guard let symbol = unsafe dlsym(nil, "setns"),
      case let setns = unsafe unsafeBitCast(symbol, to: Function.self), setns(descriptor, networkNamespace) == 0
    else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM) }
  }

  /// Asks one question in a place, over IPv4; the answer is read by libldns.
  func ask(
    _ name: String, _ type: RecordType, from place: Place, at server: Place = .resolver, overTCP: Bool = false,
    patience: Int = 10_000
  ) async throws -> LDNSMessage {
    var query = WireQuery(id: .random(in: .min ... .max), name, type)
    query.flags = 0x0100
    let message = query.octets
    let endpoint = try Endpoint(server)
    let source = try #require(IPAddress(place.address))
    return try await inside(place) {
      let client = try LoopbackClient(from: source, to: endpoint, overTCP: overTCP)
      client.setPatience(milliseconds: patience)
      return try LDNSMessage(try client.ask(message))
    }
  }

  /// What `dig` has to say in a place.
  func dig(
    _ question: String..., from place: Place, at server: String = Place.resolver.address, overTCP: Bool = false
  ) async throws -> Finished {
    let options = ["@\(server)", "+tries=1", "+time=10"] + (overTCP ? ["+tcp"] : [])
    let answer = try await run(["dig"] + options + question, in: place)
    try #require(answer.status != 127, "dig is missing; deploy/test.sh installs it")
    return answer
  }
}
