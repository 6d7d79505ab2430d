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
}
