import DNSWire
import Testing

@testable import ProxyRoutes

@Suite struct HelperQueryTests {
  private func read(_ line: String) throws -> HelperQuery {
    try HelperQuery(Array(line.utf8))
  }

  @Test(arguments: ["", " -"])
  func aLineIsWhoAsksAndWhereTo(end: String) throws {
    let request = try read("7 10.8.1.5 40001 13128 CONNECT login.microsoft.com 443" + end).request
    #expect(request.client == IPAddress("10.8.1.5") && request.clientPort == 40_001 && request.listenerPort == 13128)
    #expect(request.method == "CONNECT" && request.destination.text == "login.microsoft.com")
    #expect(request.destination.port == 443 && request.destination.name != nil)
  }

  @Test func aClientThatADualStackSocketReportsIsTheIPv4One() throws {
    #expect(try read("1 ::ffff:10.8.1.5 1 13128 CONNECT a.test 443").request.client == IPAddress("10.8.1.5"))
    #expect(try read("1 fd00:8::1 1 13128 CONNECT a.test 443").request.client == IPAddress("fd00:8::1"))
    #expect(try read("1 fd00%3A8%3A%3A1 1 13128 CONNECT a.test 443").request.client == IPAddress("fd00:8::1"))
  }

  @Test(arguments: [
    "%5B%3A%3A1%5D", "[::1]", "::1", "10.0.0.1", "0x7f000001", "0177.0.0.1", "2130706433", "127.1", "-",
    "user%40login.microsoft.com", "user@login.microsoft.com", "b%C3%BCcher.example", "login.microsoft.com%2F",
    "login.microsoft.com%3A443", "login%252Emicrosoft.com", "*.microsoft.com", "a_b.microsoft.com", "..", ".",
    "lo%5Cgin.microsoft.com", #"\login.microsoft.com"#, #"\108ogin.microsoft.com"#,
    "login.microsoft.com..", "xn--%E2%84%AA.test", "login.microsoft.com%5C", "login.microsoft.com%23",
  ])
  func aHostThatIsNoNameIsADestinationWithoutOne(host: String) throws {
    #expect(try read("1 10.8.1.5 1 13128 CONNECT \(host) 443").request.destination.name == nil)
  }

  @Test func oneFinalDotAndCapitalLettersDoNotMatter() throws {
    let names = try ["login.microsoft.com", "LOGIN.Microsoft.com", "login.microsoft.com."].map {
      try read("1 10.8.1.5 1 13128 CONNECT \($0) 443").request.destination.name
    }
    #expect(Set(names).count == 1 && names[0] != nil)
  }

  @Test(arguments: [
    // Escapes that need not be: their meaning would hang on how often the text is read.
    "%6Cogin.test", "login%2Etest", "login%2etest", "%41.test", "login%2Dx.test",
    // Escapes that are none.
    "login.test%", "login.test%2", "login.test%zz", "%",
    // Control characters, spaces, and what is no UTF-8.
    "login.test%00", "%00", "login.test%0A", "login%0D%0A.test", "login%20test", "login.test%7F", "login.test%FF",
    "%C3", "login.test\u{1}", "login\t.test",
  ])
  func aHostThatCannotBeReadInOneWayOnlyIsNoQuestion(host: String) {
    #expect(throws: HelperQueryError.encoding) { try read("1 10.8.1.5 1 13128 CONNECT \(host) 443") }
  }

  @Test(arguments: [
    ("65536", HelperQueryError.port), ("-1", .port), ("+443", .port), ("0443", .port), ("443.0", .port),
    ("0x1BB", .port), ("4 43", .fields), ("", .port), ("99999999999999999999", .port), ("443%20", .port),
    ("٤٤٣", .port), ("-", .port), ("443 - -", .fields), ("443 x", .fields), ("443 ", .fields),
  ])
  func aPortIsPlainDecimal(port: String, error: HelperQueryError) {
    #expect(throws: error) { try read("1 10.8.1.5 1 13128 CONNECT a.test \(port)") }
  }

  @Test func portZeroIsReadAsItIs() throws {
    #expect(try read("1 10.8.1.5 1 13128 CONNECT a.test 0").request.destination.port == 0)
  }

  @Test(arguments: [
    ("", HelperQueryError.fields), ("1", .fields), ("1 10.8.1.5 1 13128 CONNECT a.test", .fields),
    ("x 10.8.1.5 1 13128 CONNECT a.test 443", .channel), ("-1 10.8.1.5 1 13128 CONNECT a.test 443", .channel),
    ("1 10.8.1 1 13128 CONNECT a.test 443", .address), ("1 010.8.1.5 1 13128 CONNECT a.test 443", .address),
    ("1 fe80::1%25eth0 1 13128 CONNECT a.test 443", .address), ("1 - 1 13128 CONNECT a.test 443", .address),
    ("1 10.8.1.5 1 13128  a.test 443", .fields), ("1 10.8.1.5 1 13128 CONNECT  443", .fields),
    ("1 10.8.1.5 70000 13128 CONNECT a.test 443", .port), ("1 10.8.1.5 1 - CONNECT a.test 443", .port),
  ])
  func whatIsNoQuestionSaysWhy(line: String, error: HelperQueryError) {
    #expect(throws: error) { try read(line) }
  }

  @Test func whatIsTooLongIsRefused() {
    let long = String(repeating: "a", count: HelperQuery.maximumHostLength + 1)
    #expect(throws: HelperQueryError.tooLong) { try read("1 10.8.1.5 1 13128 CONNECT \(long) 443") }
    let method = String(repeating: "M", count: HelperQuery.maximumMethodLength + 1)
    #expect(throws: HelperQueryError.tooLong) { try read("1 10.8.1.5 1 13128 \(method) a.test 443") }
    let line = String(repeating: "a", count: HelperQuery.maximumLength + 1)
    #expect(throws: HelperQueryError.tooLong) { try read(line) }
  }

  @Test(arguments: [
    ("7 x", UInt64(7)), ("0 ", 0), ("9223372036854775807 x", UInt64(Int64.max)), ("12 \u{0}\u{FF}", 12),
    ("9223372036854775808 x", nil), ("07 x", nil), ("7", nil), ("", nil), (" 7 x", nil), ("-7 x", nil), ("7\tx", nil),
  ])
  func theChannelIsReadWhateverFollows(line: String, channel: UInt64?) {
    #expect(HelperQuery.channel(of: Array(line.utf8)) == channel)
  }
}
