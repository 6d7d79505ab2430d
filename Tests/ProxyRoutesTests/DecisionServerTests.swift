import Foundation
import Glibc
import Logging
import Steering
import TestSupport
import Testing

@testable import ProxyRoutes

@Suite struct DecisionServerTests {
  private static let allowed = "10.8.1.1 40001 13128 CONNECT login.example.com 443 -"
  private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Runs a server for as long as `body` takes.
  private func serving<Result>(
    at path: String? = nil, users: Set<UInt32> = [], _ body: (DecisionServer, String, Decider) async throws -> Result
  ) async throws -> Result {
    let folder = try TestFolder()
    let path = path ?? folder.path + "/decisions.socket"
    let decider = Decider(try DecidingPolicy.snapshot(), parents: FakeParents(), connections: nil, log: nil)
    let server = try await DecisionServer(
      path: path, decider: decider, allowedUsers: users, status: { Array("{\"ok\":true}\n".utf8) },
      logger: Self.logger)
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(server, path, decider)) } catch { result = .failure(error) }
    await server.stop()
    return try result.get()
  }

  @Test func aHelperIsGreetedAndAnsweredOnEachChannel() async throws {
    try await serving { _, path, decider in
      let helper = try UnixStream(to: path)
      try await helper.write("helper/1\n1 \(Self.allowed)\n2 10.8.2.1 1 13128 CONNECT login.example.com 443\n3 x\n")
      let lines = try await helper.lines(4)
      #expect(lines[0] == "helper/1")
      #expect(lines[1].hasPrefix("1 OK ") && lines[2].hasPrefix("2 ERR reason=noRule "))
      #expect(lines[3] == "3 ERR reason=malformed")
      #expect(decider.counts.allowed == 1 && decider.counts.denied == 1 && decider.counts.malformed == 1)
    }
  }

  @Test func aLineMayComeInAnyParts() async throws {
    try await serving { _, path, _ in
      let helper = try UnixStream(to: path)
      for octet in "helper/1\n5 \(Self.allowed)\n" { try await helper.write(String(octet)) }
      #expect(try await helper.lines(2).last?.hasPrefix("5 OK ") == true)
    }
  }

  @Test func thousandsOfQuestionsAtOnceAreAllAnswered() async throws {
    try await serving { _, path, _ in
      let helper = try UnixStream(to: path)
      try await helper.write("helper/1\n")
      #expect(try await helper.line() == "helper/1")
      // More than fits the buffers both ways: the server stops reading until its answers are taken.
      let count = 20_000
      let questions = (1...count).map { "\($0) \(Self.allowed)\n" }.joined()
      let descriptor = helper.descriptor
      async let written: Void = UnixStream.write(questions, to: descriptor)
      let answers = try await helper.lines(count)
      try await written
      #expect(answers.enumerated().allSatisfy { $1.hasPrefix("\($0 + 1) OK ") })
    }
  }

  @Test func aLineThatIsTooLongIsRefusedAndTheNextOneIsNot() async throws {
    try await serving { _, path, _ in
      let helper = try UnixStream(to: path)
      try await helper.write("helper/1\n9 \(String(repeating: "a", count: 100_000))\n10 \(Self.allowed)\n")
      let lines = try await helper.lines(3)
      #expect(lines[1] == "9 ERR reason=malformed" && lines[2].hasPrefix("10 OK "))
    }
  }

  @Test func theStatusIsWrittenAndTheConnectionClosed() async throws {
    try await serving { _, path, _ in
      let client = try UnixStream(to: path)
      try await client.write("status/1\n")
      #expect(try await client.line() == "{\"ok\":true}")
      #expect(try await client.line() == nil)
    }
  }

  @Test(arguments: ["GET / HTTP/1.1\r\n", "helper/2\n", "\n", "helper/1 \n", String(repeating: "x", count: 9000)])
  func whoeverSpeaksAnotherProtocolIsClosed(greeting: String) async throws {
    try await serving { _, path, _ in
      let client = try UnixStream(to: path)
      try await client.write(greeting)
      #expect(try await client.line() == nil)
    }
  }

  @Test func connectionsAreLimitedAndRoomIsMadeAgain() async throws {
    try await serving { _, path, _ in
      var clients: [UnixStream] = []
      for _ in 0..<DecisionServer.connectionLimit {
        let client = try UnixStream(to: path)
        try await client.write("helper/1\n")
        #expect(try await client.line() == "helper/1")
        clients.append(client)
      }
      let refused = try UnixStream(to: path)
      try? await refused.write("helper/1\n")
      #expect(try await refused.line() == nil)
      clients.removeLast()
      // The server may see the new one before it sees that the other is gone.
      var isServed = false
      for _ in 0..<1000 where !isServed {
        let client = try UnixStream(to: path)
        try? await client.write("helper/1\n")
        isServed = try await client.line() == "helper/1"
      }
      #expect(isServed)
    }
  }

  @Test func theFileIsForItsOwnerAndGroupOnly() async throws {
    try await serving { _, path, _ in
      var status = stat()
      #expect(unsafe lstat(path, &status) == 0)
      #expect(status.st_mode & S_IFMT == S_IFSOCK && status.st_mode & 0o777 == 0o660)
    }
  }

  @Test func theFileOfAServerThatIsGoneIsReplaced() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/sub/folder/decisions.socket"
    // A listener that ends without removing its file, as when it is killed.
    _ = try UnixListener(at: path)
    #expect(DecisionSocket.identity(of: path) != nil)
    try await serving(at: path) { _, path, _ in
      let client = try UnixStream(to: path)
      #expect(client.descriptor >= 0)
    }
    #expect(DecisionSocket.identity(of: path) == nil, "the file goes with its server")
  }

  @Test func theFileOfALiveServerIsLeftAlone() async throws {
    try await serving { _, path, decider in
      await #expect(throws: DecisionSocketError(path, .inUse)) {
        _ = try await DecisionServer(
          path: path, decider: decider, allowedUsers: [], status: { [] }, logger: Self.logger)
      }
      let helper = try UnixStream(to: path)
      try await helper.write("helper/1\n")
      #expect(try await helper.line() == "helper/1")
    }
  }

  @Test func whatIsNoSocketIsLeftAlone() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/file"
    try Data("precious".utf8).write(to: URL(filePath: path))
    #expect(throws: DecisionSocketError(path, .noSocket)) { try UnixListener(at: path) }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
  }

  @Test(arguments: ["relative/socket", "/" + String(repeating: "x", count: 120), ""])
  func aPathThatCannotBeASocketsIsRefused(path: String) {
    #expect(throws: DecisionSocketError.self) { try UnixListener(at: path) }
  }

  @Test func aFolderThatEveryoneMayWriteIsRefused() throws {
    let folder = try TestFolder()
    #expect(unsafe chmod(folder.path, 0o777) == 0)
    let path = folder.path + "/socket"
    #expect(throws: DecisionSocketError(path, .openFolder)) { try UnixListener(at: path) }
  }

  @Test func aServerThatStopsLeavesTheFileOfItsSuccessor() async throws {
    let folder = try TestFolder()
    let path = folder.path + "/socket"
    var successor: UnixListener?
    try await serving(at: path) { _, path, _ in
      #expect(unsafe unlink(path) == 0)
      successor = try UnixListener(at: path)
    }
    #expect(DecisionSocket.identity(of: path) != nil)
    withExtendedLifetime(successor) {}
  }

  @Test(.enabled(if: geteuid() == 0, "only root can become another user to try it"))
  func aUserThatIsNotNamedIsRefused() async throws {
    let folder = try TestFolder()
    #expect(unsafe chmod(folder.path, 0o755) == 0)
    let path = folder.path + "/socket"
    for (users, isServed) in [(Set<UInt32>(), false), ([65_534], true)] {
      try await serving(at: path, users: users) { _, path, _ in
        #expect(unsafe chmod(path, 0o666) == 0)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.otherUser, path]
        process.standardOutput = output
        try process.run()
        process.waitUntilExit()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(said == (isServed ? "helper/1\n" : ""))
      }
    }
  }

  /// Asks as another user, and prints what it is answered.
  private static let otherUser = """
    import os, socket, sys
    os.setuid(65534)
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(sys.argv[1])
    try:
        s.sendall(b"helper/1\\n")
        sys.stdout.write(s.recv(100).decode())
    except (BrokenPipeError, ConnectionResetError):
        pass
    """
}
