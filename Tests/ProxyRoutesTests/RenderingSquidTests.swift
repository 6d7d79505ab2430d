import DNSWire
import Foundation
import ProxyRoutes
import SteeringPolicy
import TestSupport
import Testing

@Suite struct RenderingSquidTests {
  private static let paths = SquidConfiguration.Paths(
    accessLog: "/var/log/steer/access.log", listen: [.loopback, IPAddress(high: 0, low: 1)], user: "proxy")

  private func render(
    _ routes: [EgressRoute], paths: SquidConfiguration.Paths = Self.paths
  ) throws(ProxyRenderingError) -> String {
    try SquidConfiguration(listeners: routes.listeners, routes: routes, paths: paths).text
  }

  private func code(
    _ routes: [EgressRoute], paths: SquidConfiguration.Paths = Self.paths
  ) -> ProxyRenderingError.Code? {
    do throws(ProxyRenderingError) {
      _ = try render(routes, paths: paths)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func `the example policy is rendered as recorded`() throws {
    try RenderingFixture.expect(
      try render(try RenderingFixture.example().routes), isRecordedAs: "Rendered/squid.conf")
  }

  @Test func `parents, selections and methods are rendered as recorded`() throws {
    let one = EgressRoute.ParentProxy(host: "proxy-1.example", port: 3128)
    let two = EgressRoute.ParentProxy(host: "fd00::2", port: 3129)
    let routes = try [
      RenderingFixture.route("both", port: 13128, parents: [one, two]),
      RenderingFixture.route("turns", port: 13129, parents: [one, two]) { $0.parentSelection = .roundRobin },
      RenderingFixture.route("plain", port: 13130, parents: [two]) { $0.methods = ["GET", "HEAD", "CONNECT"] },
      RenderingFixture.route("read", port: 13131, parents: [two]) { $0.methods = ["HEAD", "GET"] },
      RenderingFixture.route("none", port: 13132) { $0.methods = ["POST"] },
    ]
    try RenderingFixture.expect(
      try render(routes, paths: SquidConfiguration.Paths()), isRecordedAs: "Rendered/squid-parts.conf")
  }

  @Test func `rendering again gives the same text, whatever the order of the listeners`() throws {
    let routes = try RenderingFixture.example().routes
    let text = try render(routes)
    #expect(
      try SquidConfiguration(listeners: routes.listeners.reversed(), routes: routes, paths: Self.paths).text == text)
  }

  @Test func `no route is an error that says to run no Squid`() {
    #expect(code([]) == .noListener)
  }

  @Test func `more sockets than Squid opens are an error`() throws {
    let routes = try (0..<65).map { try RenderingFixture.route("r\($0)", port: 20000 + UInt16($0)) }
    #expect(code(Array(routes.prefix(64))) == nil)
    #expect(code(routes) == .tooManyListeners)
    #expect(code(routes, paths: SquidConfiguration.Paths()) == nil)
  }

  @Test func `a port that two routes share for a while is one listener with the methods of both`() throws {
    let routes = try [
      RenderingFixture.route("old", port: 13128), RenderingFixture.route("new", port: 13128) { $0.methods = ["GET"] },
    ]
    let text = try render(routes, paths: SquidConfiguration.Paths())
    #expect(text.components(separatedBy: "http_port ").count == 2)
    #expect(text.contains("acl steer_tunnel_listeners myportname new\n"))
    #expect(text.contains("acl steer_plain_1_methods method GET\n"))
  }

  static let hostile = [
    "", "a b", "a\tb", "a\nhttp_access allow all", "a\r", "a#b", "a\"b", "a'b", "a\\032b", "a$b", "${process_id}",
    "%>a", "a;b", "parameters(\"/etc/passwd\")", "é", "a\u{0}b", String(repeating: "a", count: 9000),
  ]

  @Test(arguments: hostile)
  func `no text can hold more than a word`(text: String) throws {
    let parent = EgressRoute.ParentProxy(host: text, port: 1)
    #expect(code([try RenderingFixture.route(text)]) == .routeNotWritable)
    #expect(code([try RenderingFixture.route("a", parents: [parent])]) == .parentNotWritable)
    #expect(code([try RenderingFixture.route("a") { $0.methods = [text] }]) == .methodNotWritable)
    let route = try RenderingFixture.route("a")
    for paths in [
      SquidConfiguration.Paths(helper: [text]), SquidConfiguration.Paths(socket: text),
      SquidConfiguration.Paths(folder: text), SquidConfiguration.Paths(logFolder: text),
      SquidConfiguration.Paths(accessLog: text),
      SquidConfiguration.Paths(visibleHostname: text), SquidConfiguration.Paths(user: text),
    ] {
      #expect(code([route], paths: paths) == .notWritable)
    }
  }

  @Test func `a host with escapes is written without them`() throws {
    let parent = EgressRoute.ParentProxy(host: #"Pro\120y.example."#, port: 1)
    let text = try render([try RenderingFixture.route("a", parents: [parent])])
    #expect(text.contains("cache_peer proxy.example parent 1 0 "))
  }

  @Test func `Squid reads no line in two`() throws {
    let routes = try (0..<128).map { index in
      try RenderingFixture.route("\(String(repeating: "r", count: 60))\(index)", port: 20000 + UInt16(index)) {
        $0.methods = ["CONNECT", "GET"]
      }
    }
    let text = try render(routes, paths: SquidConfiguration.Paths())
    #expect(text.split(separator: "\n").allSatisfy { $0.utf8.count < 8191 })
  }
}
