import Foundation
import TestSupport
import Testing

/// The whole path of a request: a `Lab` whose Steer runs Squids, Services before them, proxies of the second tier on two
/// VMs, and an origin that answers as login.microsoft.com.
///
/// The cluster's rules let pods reach the resolver and the proxies, the proxies the VMs, and the VMs the origin.
final class EgressLab: Sendable {
  /// The URL that everything began with.
  static let url = "https://login.microsoft.com"
  /// A URL that the origin answers too, and no route allows.
  static let otherURL = "https://www.example.com"
  /// A destination of the route `microsoft` that sends back what it is sent.
  static let echo = "echo.login.microsoftonline.com:443"
  /// The forwarder between pods and Steer.
  private static let forwarder = GoodForwarder.dnsmasqByECS
  /// The address of `echo`, beside the origin's own.
  private static let echoAddress = "10.231.8.32"
  /// The origin's addresses, which are private ones here.
  static let originBlock = "10.231.8.0/24"
  private static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "egress.py").path

  /// The name of a VM's proxy.
  static func host(of vm: Lab.Place) -> String {
    vm == .firstVM ? "int-proxy.aibang.com" : "int-proxy-2.aibang.com"
  }

  /// The namespaces and their programs.
  let lab: Lab
  /// The policy that Steer serves from; a change is taken within a second.
  let policy: WorkingFolder

  private init(_ lab: Lab) throws {
    self.lab = lab
    policy = try lab.policy(Self.forwarder.identity)
    try FileManager.default.createDirectory(
      at: lab.folder.url.appending(path: "logs"), withIntermediateDirectories: false)
    try policy.replace(
      "- {host: int-proxy.aibang.com, port: 3128}",
      with: "- {host: int-proxy.aibang.com, port: 3128}\n  - {host: int-proxy-2.aibang.com, port: 3128}",
      in: "routes.yaml")
    try policy.write(Service.spare.text, to: "spare-service.yaml")
  }

  /// Makes the path, except for Steer, for as long as `body` takes.
  static func prepare<Result>(_ body: (EgressLab) async throws -> Result) async throws -> Result {
    try await Lab.open(Lab.Place.allCases) { lab in
      let egress = try EgressLab(lab)
      try egress.writeNames()
      try await egress.closeCluster()
      try await egress.startOrigin()
      for vm in [Lab.Place.firstVM, .secondVM] { try await egress.startParent(in: vm) }
      return try await body(egress)
    }
  }

  /// Makes the whole path for as long as `body` takes, which gets Steer's process too.
  static func open<Result>(_ body: (EgressLab, ChildProcess) async throws -> Result) async throws -> Result {
    try await prepare { egress in
      let steer = try await egress.serve()
      return try await body(egress, steer)
    }
  }

  /// Starts Steer with its Squids, and the resolver before it.
  func serve(under wrapper: [String] = []) async throws -> ChildProcess {
    let steer = try await startSteer(under: wrapper)
    try await lab.forward(by: Self.forwarder.program, lab.render(Self.forwarder, policy))
    return steer
  }

  /// Starts Steer with its Squids.
  func startSteer(under wrapper: [String] = []) async throws -> ChildProcess {
    try lab.folder.write(
      """
      proxy:
        engine: squid
        supervise: true
        folder: \(proxyFolder)
        connectLog: \(connectLog)
        drainSeconds: 1
      """, to: "steer.yaml")
    return try await lab.serve(policy, ["--config", lab.folder.path(of: "steer.yaml")], under: wrapper)
  }

  /// The folder of Steer's Squids.
  var proxyFolder: String { lab.folder.path(of: "proxy") }
  /// The folder of Steer's own logs.
  var logFolder: String { lab.folder.path(of: "logs") }
  /// The folder of its Squids' logs.
  var squidLogFolder: String { proxyFolder + "/log" }
  /// Steer's log of CONNECT decisions.
  var connectLog: String { logFolder + "/connects.log" }
  /// The access log of Steer's Squids.
  var accessLog: String { squidLogFolder + "/access.log" }
  /// The origin's certificate, which is its own authority.
  var certificate: String { lab.folder.path(of: "origin.pem") }
  private var certificateKey: String { lab.folder.path(of: "origin.key") }

  /// Gives each place the names that it knows, and pods the resolver.
  private func writeNames() throws {
    let origins = """
      \(Lab.Place.origin.address) login.microsoft.com www.example.com
      \(Self.echoAddress) \(Self.echo.split(separator: ":")[0])
      """
    let parents = [Lab.Place.firstVM, .secondVM].map { "\($0.address) \(Self.host(of: $0))" }.joined(separator: "\n")
    for place in Lab.Place.allCases {
      let names =
        switch place {
        // A proxy that went around the parents would find the way; that none does is thus not for want of a name.
        case .steer: parents + "\n" + origins
        case .firstVM, .secondVM: origins
        default: ""
        }
      let isPod = Lab.Place.pods.contains(place)
      try lab.write("127.0.0.1 localhost\n\(names)\n", toEtc: "hosts", in: place)
      try lab.write("hosts: files dns\n", toEtc: "nsswitch.conf", in: place)
      try lab.write(
        "nameserver \(isPod ? Lab.Place.resolver.address : "127.0.0.1")\n", toEtc: "resolv.conf", in: place)
    }
  }
}

extension EgressLab {
  /// Starts what answers as login.microsoft.com and www.example.com, and what echoes.
  private func startOrigin() async throws {
    let made = try await run([
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
      "-subj",
      "/CN=login.microsoft.com", "-addext", "subjectAltName=DNS:login.microsoft.com,DNS:www.example.com", "-keyout",
      certificateKey, "-out", certificate,
    ])
    try #require(made.status == 0, "\(made.errors)")
    let address = ["ip", "address", "add", "\(Self.echoAddress)/24", "dev", "eth0"]
    try #require(try await lab.run(address, in: .origin).status == 0)
    try await start(["origin", certificate, certificateKey, Lab.Place.origin.address], in: .origin)
    try await start(["echo", Self.echoAddress], in: .origin)
  }

  /// Starts the script in a place, and waits until it is ready.
  @discardableResult func start(_ arguments: [String], in place: Lab.Place) async throws -> ChildProcess {
    let program = try lab.start(["python3", Self.script] + arguments, in: place)
    try await eventually("\(arguments[0]) is ready") { program.output.contains("ready\n") || !program.isRunning }
    try #require(program.isRunning, "\(program.errors)")
    return program
  }

  /// Starts a proxy of the second tier with the configuration that Steer renders, and waits until it accepts.
  @discardableResult func startParent(in vm: Lab.Place) async throws -> ChildProcess {
    let file = "\(vm.rawValue).conf"
    try await lab.folder.write(parentConfiguration(in: vm), to: file)
    let squid = try lab.start(
      ["squid", "-N", "-n", squidName(in: vm), "-f", lab.folder.path(of: file)], in: vm)
    try await eventually("Squid accepts on \(vm)") {
      let listeners = try await lab.run(["ss", "-Hltn", "sport = :3128"], in: vm)
      return !listeners.output.isEmpty || !squid.isRunning
    }
    try #require(squid.isRunning, "Squid ended; if it is missing, deploy/test.sh installs it. \(squid.errors)")
    return squid
  }

  /// A name of Squid's that no other one on this machine has: letters and digits.
  private func squidName(in place: Lab.Place) -> String {
    lab.name(of: place).filter { $0 != "-" }
  }

  /// What Steer renders for the proxy of a VM.
  private func parentConfiguration(in vm: Lab.Place) async throws -> String {
    let folder = lab.folder.path(of: vm.rawValue)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.ownerAccountName: "proxy"], ofItemAtPath: folder)
    let rendered = try await Steer.run(
      "render", "squid-parent", policy.path, "--source", "\(Lab.Place.steer.address)/32", "--parent",
      "\(Self.host(of: vm)):3128", "--allow-inside", Self.originBlock, "--folder", folder, "--log-folder", folder,
      "--user",
      "proxy")
    try #require(rendered.status == 0, "\(rendered.errors)")
    return rendered.output
  }
}
