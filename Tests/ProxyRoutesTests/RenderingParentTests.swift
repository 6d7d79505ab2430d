import DNSWire
import Foundation
import ProxyRoutes
import SteeringPolicy
import TestSupport
import Testing

/// One after the other, so that not many Squids start at once beside tests that wait.
@Suite(.serialized) struct RenderingParentTests {
  private static let parent = EgressRoute.ParentProxy(host: "int-proxy.aibang.com", port: 3128)

  private func code(_ request: SquidParentConfiguration.Request) -> ProxyRenderingError.Code? {
    do throws(ProxyRenderingError) {
      _ = try SquidParentConfiguration(request)
      return nil
    } catch {
      return error.code
    }
  }

  private func route(
    _ name: String, _ destinations: [String], ports: [UInt16], methods: [String] = ["CONNECT"]
  ) throws -> EgressRoute {
    let patterns = try RenderingFixture.patterns(destinations)
    return try RenderingFixture.route(name, parents: [Self.parent]) { route in
      route.destinations = patterns
      route.ports = ports
      route.methods = methods
    }
  }

  @Test func `the example policy is rendered as recorded`() throws {
    var request = SquidParentConfiguration.Request(
      routes: try RenderingFixture.example().routes,
      sources: [try IPBlock("10.8.0.0/16"), try IPBlock("fd00:8::/48")])
    request.listen = Endpoint(address: IPAddress(v4: 0x0A00_0005), port: 3128)
    try RenderingFixture.expect(
      try SquidParentConfiguration(request).text, isRecordedAs: "Rendered/squid-parent.conf")
  }

  @Test func `nobody, everybody and a parent that no route has are refused`() throws {
    let routes = try RenderingFixture.example().routes
    #expect(code(.init(routes: routes, sources: [])) == .noSource)
    #expect(code(.init(routes: routes, sources: [try IPBlock("0.0.0.0/0")])) == .openProxy)
    #expect(code(.init(routes: routes, sources: [try IPBlock("::/0")])) == .openProxy)
    var request = SquidParentConfiguration.Request(routes: routes, sources: [try IPBlock("10.8.0.0/16")])
    request.parent = Self.parent
    #expect(code(request) == nil)
    request.parent?.port = 3129
    #expect(code(request) == .unknownParent)
    #expect(code(.init(routes: [try RenderingFixture.route("a")], sources: request.sources)) == .unknownParent)
  }

  @Test func `only the routes of the parent are rendered`() throws {
    var other = try route("other", ["two.example"], ports: [443])
    other.parentProxies = [.init(host: "other.example", port: 1)]
    var request = SquidParentConfiguration.Request(
      routes: [try route("one", ["one.example"], ports: [443]), other], sources: [try IPBlock("10.8.0.0/16")])
    #expect(try SquidParentConfiguration(request).text.contains("two.example"))
    request.parent = Self.parent
    #expect(!(try SquidParentConfiguration(request).text.contains("two.example")))
  }

  @Test(arguments: ["a b", "/run/a\nhttp_access allow all", "\"", "$x", ""])
  func `no path can hold more than a word`(text: String) throws {
    let request = SquidParentConfiguration.Request(
      routes: try RenderingFixture.example().routes, sources: [try IPBlock("10.8.0.0/16")])
    for change: (inout SquidParentConfiguration.Request) -> Void in [
      { $0.folder = text + " " }, { $0.logFolder = text + " " }, { $0.user = text + " " },
    ] {
      var changed = request
      change(&changed)
      #expect(code(changed) == .notWritable)
    }
  }

  private static let hosts = """
    127.0.0.1 login.microsoft.com login.microsoftonline.com a.login.microsoftonline.com a.b.login.microsoftonline.com
    127.0.0.1 xlogin.microsoft.com login.microsoft.com.evil.example github.com api.github.com other.example plain.example
    127.0.0.1 deep.example a.deep.example a.b.deep.example
    127.0.0.2 second.inside.example
    169.254.169.254 metadata.inside.example
    10.1.2.3 private.inside.example
    192.168.1.1 home.inside.example
    ::1 self.inside.example
    fd00::1 local.inside.example
    fe80::1 link.inside.example

    """

  /// A real parent that lets `routes` through, and takes names from `hosts` only.
  private func withParent(
    _ routes: [EgressRoute], sources: [String] = ["127.0.0.0/8"], _ body: (UInt16) async throws -> Void
  ) async throws {
    try await RenderingSquid.withFolder { folder in
      let port = try RenderingPort.free()
      var request = SquidParentConfiguration.Request(routes: routes, sources: try sources.map { try IPBlock($0) })
      request.insideAllowed = [IPBlock(.loopback)]
      request.listen = Endpoint(address: .loopback, port: port)
      (request.folder, request.logFolder, request.user) = (folder.path, folder.path, RenderingSquid.user)
      let hosts = folder.appending(path: "hosts")
      try Data(Self.hosts.utf8).write(to: hosts)
      let text = try SquidParentConfiguration(request).text
      let (status, output) = try await RenderingSquid.parse(text, in: folder)
      #expect(status == 0 && RenderingSquid.complaints(output).isEmpty, "\(RenderingSquid.complaints(output))")
      // No name server: what is not in the file has no address.
      let squid = try await RenderingSquid(
        text + "hosts_file \(hosts.path)\ndns_nameservers 127.0.0.1\ndns_timeout 1 second\n", name: "parent\(port)",
        port: port, in: folder)
      do {
        try await body(port)
      } catch {
        await squid.stop()
        throw error
      }
      await squid.stop()
    }
  }

  @Test func `a parent lets through each route's names on its ports, and nothing else`() async throws {
    let (first, second, closed) = (try RenderingPort(), try RenderingPort(), try RenderingPort.free())
    let routes = try [
      route("microsoft", ["login.microsoft.com", "*.login.microsoftonline.com"], ports: [first.number]),
      route("github", ["github.com", "*.github.com"], ports: [second.number]),
      route("deep", ["*.deep.example", "*.a.deep.example", "a.deep.example"], ports: [first.number]),
      route("plain", ["plain.example"], ports: [closed], methods: ["GET"]),
    ]
    try await withParent(routes) { (port) async throws in
      let names = Self.hosts.split(separator: "\n").filter { $0.hasPrefix("127.0.0.1 ") }
        .flatMap { $0.split(separator: " ").dropFirst() }.map(String.init)
      #expect(names.count == 13)
      for name in names {
        for origin in [first.number, second.number, closed] {
          let isRoutes = try routes.contains { route in
            try route.methods.contains("CONNECT") && route.ports.contains(origin)
              && route.destinations.contains { $0.matches(try DomainName(name)) }
          }
          #expect(
            try await RenderingSquid.connect(port, to: "\(name):\(origin)") == (isRoutes ? 200 : 403),
            "\(name):\(origin)")
        }
      }
      let get = { (name: String, origin: UInt16) in
        try await RenderingSquid.ask(port, "GET http://\(name):\(origin)/ HTTP/1.1\r\nHost: \(name)\r\n\r\n").status
      }
      // Nothing listens there: it was let through.
      #expect(try await get("plain.example", closed) == 503)
      #expect(try await get("plain.example", first.number) == 403)
      #expect(try await get("login.microsoft.com", first.number) == 403)
    }
  }

  @Test func `a literal address, or a name in disguise, is never let through`() async throws {
    let origin = try RenderingPort()
    let route = try route("a", ["login.microsoft.com", "*.login.microsoftonline.com"], ports: [origin.number])
    try await withParent([route]) { (port) async throws in
      for host in [
        "127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "127.1", "017700000001", "[::1]", "[::ffff:127.0.0.1]",
        "login.microsoft.com@127.0.0.1", "login.microsoft.com%00.evil.example", "login.microsoft.com\\.evil.example",
        ".login.microsoftonline.com", "*.login.microsoftonline.com.evil.example",
        "login%2emicrosoft.com",
      ] {
        let status = try await RenderingSquid.connect(port, to: "\(host):\(origin.number)")
        #expect(status == 403 || status == 400, "\(host): \(status)")
      }
      // Squid takes final dots off before anything looks at the name.
      for host in ["LOGIN.Microsoft.Com", "login.microsoft.com.", "login.microsoft.com.."] {
        #expect(try await RenderingSquid.connect(port, to: "\(host):\(origin.number)") == 200, "\(host)")
      }
      for url in [
        "cache_object://localhost/info", "/squid-internal-mgr/menu",
        "http://steer-parent:\(port)/squid-internal-mgr/menu",
      ] {
        #expect(try await RenderingSquid.ask(port, "GET \(url) HTTP/1.1\r\n\r\n").status == 403, "\(url)")
      }
    }
  }

  @Test func `a name that leads inside is refused, and one without address is not let through`() async throws {
    let origin = try RenderingPort()
    let route = try route("a", ["*.inside.example", "login.microsoft.com"], ports: [origin.number])
    try await withParent([route]) { (port) async throws in
      for host in ["second", "metadata", "private", "home", "self", "local", "link"] {
        #expect(
          try await RenderingSquid.connect(port, to: "\(host).inside.example:\(origin.number)") == 403, "\(host)")
      }
      let missing = try await RenderingSquid.ask(
        port, "CONNECT missing.inside.example:\(origin.number) HTTP/1.1\r\n\r\n")
      #expect(missing.status == 503)
      #expect(try await RenderingSquid.connect(port, to: "login.microsoft.com:\(origin.number)") == 200)
    }
  }

  @Test func `only the sources are served`() async throws {
    let origin = try RenderingPort()
    let route = try route("a", ["login.microsoft.com"], ports: [origin.number])
    try await withParent([route], sources: ["127.0.0.2/32"]) { (port) async throws in
      let destination = "login.microsoft.com:\(origin.number)"
      #expect(try await RenderingSquid.connect(port, to: destination) == 403)
      #expect(try await RenderingSquid.connect(port, to: destination, from: IPAddress(v4: 0x7F00_0002)) == 200)
      #expect(try await RenderingSquid.connect(port, to: destination, from: IPAddress(v4: 0x7F00_0003)) == 403)
    }
  }
}
