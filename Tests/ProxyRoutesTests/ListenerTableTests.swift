import DNSWire
import TestSupport
import Testing

@testable import ProxyRoutes

@Suite struct ListenerTableTests {
  @Test func `every listener is seen, however many there are`() throws {
    let before = ListenerTable.current()
    let sockets = try (0..<300).map { _ in
      let socket = try LoopbackSocket()
      try socket.listen()
      return socket
    }
    let ports = Set(sockets.map(\.port))
    #expect(ports.count == 300)
    #expect(ListenerTable.current().hasNew(1, on: ports, since: before))
    #expect(!ListenerTable.current().hasNew(2, on: ports, since: before))
  }

  @Test func `a port is taken at the address that is listened on, and has the connections that are open`() throws {
    let (socket, client) = (try LoopbackSocket(), try LoopbackSocket())
    try socket.listen()
    let port = socket.port
    let (here, elsewhere) = (try #require(IPAddress("127.0.0.1")), try #require(IPAddress("127.0.0.2")))
    #expect(ListenerTable.current().taken([port], at: []) == [port])
    #expect(ListenerTable.current().taken([port], at: [here]) == [port])
    #expect(ListenerTable.current().taken([port], at: [elsewhere]).isEmpty)
    #expect(ListenerTable.current().connectionCount(on: [port]) == 0)
    try client.connect(to: port)
    #expect(ListenerTable.current().connectionCount(on: [port]) == 1)
  }
}
