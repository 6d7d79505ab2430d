import DNSWire
import Steering
import TestSupport
import Testing

@Suite struct DestinationTests {
  private func verdict(_ host: String, _ port: UInt16 = 443, from address: String = "10.8.1.1") throws
    -> ProxyDecision
  {
    let request = ProxyRequest(
      client: try #require(IPAddress(address)), clientPort: 40_000, listenerPort: 13128,
      destination: Destination(host: host, port: port))
    return ProxyAuthorizer.decide(request, in: try TestPolicy.snapshot(TestPolicy.minimal))
  }

  @Test(arguments: [
    "login.example.com", "LOGIN.Example.COM", "login.example.com.", "a.wild.example.com", "a.b.wild.example.com",
  ])
  func aDestinationOfTheRouteIsAllowed(host: String) throws {
    #expect(try verdict(host).isAllowed)
  }

  @Test(arguments: [
    "example.com", "wild.example.com", "xwild.example.com", "login.example.com.evil.test", "evil-login.example.com",
    "login.example.com..", ".login.example.com", "login..example.com", "", ".", "*.wild.example.com",
    "user@login.example.com", "login.example.com:443", "login.example.com/", "login.example.com\u{0}", "[::1]",
    "10.0.0.1", "0x7f.0.0.1", "2130706433", "::1", "login%2eexample.com", "a_b.wild.example.com",
    "1.2.3.4.wild.example.com ", #"\login.example.com"#, #"lo\gin.example.com"#, #"\108ogin.example.com"#,
    #"login\.example.com"#, #"a.\wild.example.com"#,
  ])
  func anyOtherDestinationIsRefused(host: String) throws {
    let verdict = try verdict(host)
    #expect(!verdict.isAllowed && verdict.reason == .destination)
  }

  @Test func onlyTheRoutesPortsAreAllowed() throws {
    #expect(try verdict("login.example.com", 8443).isAllowed)
    #expect(try verdict("login.example.com", 80).reason == .port)
  }

  @Test func aClientThatMayNotResolveMayNotConnect() throws {
    #expect(try verdict("login.example.com", from: "10.8.2.1").reason == .noRule)
    #expect(try verdict("login.example.com", from: "192.0.2.1").reason == .noRule)
  }
}
