import DNSWire
import Foundation
import ProxyRoutes
import SteeringPolicy
import TestSupport
import Testing

/// What is rendered for the first tier as Squid itself takes it.
@Suite(.serialized) struct RenderingSquidProgramTests {
  private func paths(in folder: URL) -> SquidConfiguration.Paths {
    SquidConfiguration.Paths(
      helper: ["/bin/sh", folder.appending(path: "helper.sh").path], socket: folder.appending(path: "socket").path,
      folder: folder.path, accessLog: folder.appending(path: "access.log").path, listen: [.loopback],
      user: RenderingSquid.user)
  }

  @Test func `Squid accepts the example policy, every method and selection, and 128 listeners`() async throws {
    let parents = [
      EgressRoute.ParentProxy(host: "proxy.example", port: 3128),
      EgressRoute.ParentProxy(host: "fd00::2", port: 3128),
    ]
    let many = try (0..<128).map { index in
      try RenderingFixture.route("r\(index)", port: 20000 + UInt16(index), parents: parents) { route in
        route.methods = [["CONNECT"], ["GET"], ["CONNECT", "POST", "PUT"], []][index % 4]
        route.parentSelection = index % 3 == 0 ? .failover : .roundRobin
      }
    }
    let silent = [try RenderingFixture.route("silent") { $0.methods = [] }]
    try await RenderingSquid.withFolder { folder in
      for routes in [try RenderingFixture.example().routes, many, silent] {
        let text = try SquidConfiguration(listeners: routes.listeners, routes: routes, paths: paths(in: folder)).text
        let (status, output) = try await RenderingSquid.parse(text, in: folder)
        #expect(status == 0, "\(output)")
        #expect(RenderingSquid.complaints(output).isEmpty)
      }
      // Proves that Squid looks at all.
      #expect(
        try await RenderingSquid.parse("http_port 1\nhttp_access allow nobody_defined_this\n", in: folder).status != 0
      )
    }
  }

  /// Answers by the host, as Steer does by the policy.
  private static let helper = """
    while read -r channel client clientport listener method host rest; do
      case "$host" in
        allowed*) echo "$channel OK pod=api-1 namespace=team-a route=one rule=team-a/one reason=allowed generation=7 peer=PEER" ;;
        down*) echo "$channel OK verdict=unavailable reason=parentsDown" ;;
        *) echo "$channel ERR pod=api-1 reason=destination" ;;
      esac
    done

    """

  /// A running Squid with a tunnel route, a plain route, and a parent that accepts and answers nothing.
  private func withSquid(
    helper: String? = nil,
    _ body: (_ tunnel: UInt16, _ plain: UInt16, _ log: () throws -> [[String: Any]]) async throws -> Void
  ) async throws {
    try await RenderingSquid.withFolder { folder in
      let (tunnel, plain) = (try RenderingPort.free(), try RenderingPort.free())
      let parents = [EgressRoute.ParentProxy(host: "127.0.0.1", port: try RenderingPort.free())]
      let routes = try [
        RenderingFixture.route("tunnel", port: tunnel, parents: parents),
        RenderingFixture.route("plain", port: plain, parents: parents) { $0.methods = ["GET"] },
      ]
      let peer = try #require(ParentPeers(of: routes).peers.first).name
      let script = (helper ?? Self.helper).replacingOccurrences(of: "PEER", with: peer)
      try Data(script.utf8).write(to: folder.appending(path: "helper.sh"))
      let text = try SquidConfiguration(listeners: routes.listeners, routes: routes, paths: paths(in: folder)).text
      let squid = try await RenderingSquid(text, name: "steer\(plain)", port: plain, in: folder)
      do {
        try await body(tunnel, plain) {
          let text = try Data(contentsOf: folder.appending(path: "access.log"))
          return try text.split(separator: 0x0A).map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any], "\(line)")
          }
        }
      } catch {
        await squid.stop()
        throw error
      }
      await squid.stop()
    }
  }

  @Test func `what Steer says is what a client gets, with the reason`() async throws {
    try await withSquid { (tunnel, plain, log) async throws in
      let denied = try await RenderingSquid.ask(tunnel, "CONNECT denied.example:443 HTTP/1.1\r\n\r\n")
      #expect(denied.status == 403)
      #expect(denied.head.contains("X-Steer-Reason: destination"))
      let down = try await RenderingSquid.ask(tunnel, "CONNECT down.example:443 HTTP/1.1\r\n\r\n")
      #expect(down.status == 503)
      #expect(down.head.contains("X-Steer-Reason: parentsDown"))
      // Nothing listens at the parent, and no other way is tried.
      #expect(try await RenderingSquid.connect(tunnel, to: "allowed.example:443") >= 500)
      try await eventually("the requests are logged") {
        try log().count { $0["method"] as? String == "CONNECT" } == 3
      }
      let line = try #require(try log().last)
      #expect(line["destination"] as? String == "allowed.example:443")
      #expect(line["pod"] as? String == "api-1")
      #expect(line["rule"] as? String == "team-a/one")
      #expect(line["listener"] as? String == "\(tunnel)")
    }
  }

  @Test func `a method that a route does not name is refused, and so is what is not HTTP`() async throws {
    try await withSquid { (tunnel, plain, log) async throws in
      #expect(try await RenderingSquid.ask(tunnel, "GET http://allowed.example/ HTTP/1.1\r\n\r\n").status == 403)
      #expect(try await RenderingSquid.connect(plain, to: "allowed.example:443") == 403)
      for url in ["ftp://allowed.example/", "https://allowed.example/", "whois://allowed.example/"] {
        #expect(try await RenderingSquid.ask(plain, "GET \(url) HTTP/1.1\r\n\r\n").status == 403, "\(url)")
      }
      for method in ["POST", "HEAD", "PURGE", "TRACE", "GETS"] {
        let request = "\(method) http://allowed.example/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
        #expect(try await RenderingSquid.ask(plain, request).status == 403, "\(method)")
      }
      for url in [
        "cache_object://localhost/info", "http://steer-proxy:\(plain)/squid-internal-mgr/info",
        "/squid-internal-mgr/menu",
      ] {
        #expect(try await RenderingSquid.ask(plain, "GET \(url) HTTP/1.1\r\n\r\n").status == 403, "\(url)")
      }
      #expect(try await RenderingSquid.ask(plain, "GET http://allowed.example/ HTTP/1.1\r\n\r\n").status >= 500)
    }
  }

  @Test func `a helper that does not answer as agreed lets nothing through`() async throws {
    for answer in [#"echo "$channel BH message=broken""#, #"echo "$channel""#, #"echo "$channel what""#] {
      let helper = "while read -r channel rest; do \(answer); done\n"
      try await withSquid(helper: helper) { (tunnel, _, _) async throws in
        #expect(try await RenderingSquid.connect(tunnel, to: "allowed.example:443") == 403, "\(answer)")
      }
    }
  }

  static let hostile: [[UInt8]] =
    [
      #"CONNECT a"b:443 HTTP/1.1"#, #"CONNECT a\b:443 HTTP/1.1"#, #"CONNECT a","pod":"x:443 HTTP/1.1"#,
      "CONNECT a\u{1}\u{1B}[31m:443 HTTP/1.1", "CONNECT a%22%0a:443 HTTP/1.1", #"CONNECT u:"p@x:443 HTTP/1.1"#,
      "CONNECT x:99999 HTTP/1.1", "CONNECT a\tb:443 HTTP/1.1", "CONNECT µ.example:443 HTTP/1.1",
      #"CO"NECT x:1 HTTP/1.1"#,
      #"GET http://x/"\"# + "\u{1} HTTP/1.1", #""}{"x":""#, "OPTIONS * HTTP/1.1", "PRI * HTTP/2.0",
      "GET http://x/" + String(repeating: "a", count: 9000) + " HTTP/1.1",
      "GET http://" + String(repeating: "a.", count: 3000) + "x/ HTTP/1.1",
      "CONNECT " + String(repeating: "\"", count: 4000) + ":443 HTTP/1.1",
      String(repeating: "M", count: 500) + " http://x/ HTTP/1.1",
    ].map { Array($0.utf8) } + [[0xFF, 0xFE, 0x20, 0xC3, 0x28], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]]

  @Test func `every line of the access log is JSON with the same fields, whatever was asked`() async throws {
    try await withSquid { (tunnel, plain, log) async throws in
      for octets in Self.hostile {
        for port in [tunnel, plain] {
          _ = try await RenderingSquid.ask(port, "", octets: octets + Array("\r\nHost: x\r\n\r\n".utf8))
        }
      }
      #expect(try await RenderingSquid.connect(tunnel, to: "denied.example:443") == 403)
      try await eventually("the last request is logged") {
        try log().contains { $0["destination"] as? String == "denied.example:443" }
      }
      let lines = try log()
      #expect(lines.count >= 2 * Self.hostile.count)
      let fields = try #require(lines.last).keys.sorted()
      #expect(fields.count == 22)
      for line in lines {
        #expect(line.keys.sorted() == fields)
        #expect(line["pod"] as? String != "x")
      }
    }
  }
}
