import DNSWire
import Foundation
import Glibc
import TestSupport
import Testing

/// A query log that takes no more costs lines, never an answer or the server's end.
@Suite struct QueryLogTests {
  private static let name = "microsoft.intra.aibang.local"

  @Test func aReaderThatDoesNotReadKeepsTheServerFromNothing() async throws {
    let folder = try WorkingFolder(copying: WorkingFolder.zones)
    try folder.replace("  priority: 50    ", with: "  mode: Report\n  priority: 50    ", in: "policies.yaml")
    try folder.replace("name: microsoft, action: Allow", with: "name: microsoft, action: Deny", in: "policies.yaml")
    let pipe = try FullPipe(at: folder.path(of: "pipe"))
    let script = "exec >\"$0\"; exec \"$@\""
    let child = try ChildProcess(
      [
        "sh", "-c", script, pipe.path, Steer.path, "serve", "--policy", folder.path, "--listen", "127.0.0.1:0",
        "--query-log", "-",
      ], in: folder)
    defer { child.send(SIGKILL) }
    let listening = try await pipe.read()
    let words = listening.split(whereSeparator: \.isWhitespace).map(String.init)
    try #require(words.count == 2 && words[0] == "listening", "\(listening)\(child.errors)")
    pipe.fill()
    let server = SteerProcess(child: child, endpoints: words.dropFirst().compactMap { Endpoint($0) })
    for count in 1...3 {
      #expect(try server.addresses() == ["10.96.7.10"])
      // Each is written once a second by what must not wait for the query log.
      try await eventually("the report is logged") {
        child.errors.components(separatedBy: "enforceWouldDeny").count > count
      }
    }
    child.send(SIGTERM)
    #expect(try await child.status() == 0)
  }

  @Test func aReaderThatIsGoneKeepsTheServerFromNothing() async throws {
    let folder = try WorkingFolder()
    let pipe = folder.path(of: "pipe")
    try #require(unsafe mkfifo(pipe, 0o600) == 0)
    let reader = unsafe open(pipe, O_RDONLY | O_NONBLOCK)
    try await SteerProcess.serving(nil, ["--policy", WorkingFolder.zones.path, "--query-log", pipe]) { server in
      close(reader)
      let answers = try (0..<3).map { _ in try server.addresses() }
      #expect(answers == Array(repeating: ["10.96.7.10"], count: 3))
      server.child.send(SIGTERM)
      #expect(try await server.child.status() == 0)
    }
  }

  @Test func aFileThatWasMovedAwayIsOpenedAnewAndNoLineIsLost() async throws {
    let folder = try WorkingFolder()
    let file = folder.path(of: "queries.log")
    let old = folder.path(of: "queries.log.1")
    func lines(_ path: String) -> Int {
      (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").count ?? 0
    }
    try await SteerProcess.serving(nil, ["--policy", WorkingFolder.zones.path, "--query-log", file]) { server in
      var asked = 0
      func ask() throws {
        #expect(try server.addresses() == ["10.96.7.10"])
        asked += 1
      }
      try ask()
      try await eventually("the first line is written") { lines(file) == 1 }
      try #require(unsafe rename(file, old) == 0)
      try await eventually("the file is opened anew") {
        try ask()
        return lines(file) > 0
      }
      server.child.send(SIGTERM)
      #expect(try await server.child.status() == 0)
      #expect(lines(old) >= 1 && lines(old) + lines(file) == asked)
    }
  }

  @Test func aFileWhoseFolderIsGoneTakesLinesAsBefore() async throws {
    let folder = try WorkingFolder()
    let logs = folder.path(of: "logs")
    let moved = folder.path(of: "moved")
    try #require(unsafe mkdir(logs, 0o700) == 0)
    try await SteerProcess.serving(
      nil, ["--policy", WorkingFolder.zones.path, "--query-log", logs + "/queries.log"]
    ) { server in
      try #require(unsafe rename(logs, moved) == 0)
      for _ in 0..<3 { #expect(try server.addresses() == ["10.96.7.10"]) }
      server.child.send(SIGTERM)
      #expect(try await server.child.status() == 0)
    }
    #expect(try String(contentsOfFile: moved + "/queries.log", encoding: .utf8).split(separator: "\n").count == 3)
  }

  /// The limit of a file's size stands for a full disk: a write is cut short, and the next one fails.
  @Test func aLineThatIsCutShortSpoilsNoOther() async throws {
    let folder = try WorkingFolder()
    let file = folder.path(of: "queries.log")
    let arguments = ["--policy", WorkingFolder.zones.path, "--query-log", file]
    let limited = ["sh", "-c", "trap '' XFSZ; exec prlimit --fsize=4096: \"$@\"", "sh"]
    func size() throws -> Int { try Data(contentsOf: URL(filePath: file)).count }
    let queries = 40
    try await SteerProcess.serving(nil, arguments, under: limited) { server in
      for _ in 0..<queries { #expect(try server.addresses() == ["10.96.7.10"]) }
      try await eventually("the file takes no more") { try size() == 4096 }
      let raised = try await run(["prlimit", "--pid", "\(server.child.identifier)", "--fsize=unlimited"])
      try #require(raised.status == 0, "\(raised.errors)")
      #expect(try server.addresses() == ["10.96.7.10"])
      server.child.send(SIGTERM)
      #expect(try await server.child.status() == 0)
    }
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    let objects = lines.map { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    #expect(objects.count { $0 == nil } <= 1, "no more than the line that was cut")
    let dropped = objects.compactMap { $0?["dropped"] as? Int }.reduce(0, +)
    #expect(dropped > 0 && dropped + objects.count { $0?["name"] != nil } == queries + 1)
  }
}

/// A pipe that can be filled, so that whoever writes to it waits.
private final class FullPipe {
  let path: String
  private let descriptor: Int32

  init(at path: String) throws {
    self.path = path
    try #require(unsafe mkfifo(path, 0o600) == 0)
    // Both ends, so that neither opening nor reading waits for anyone.
    descriptor = unsafe open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    try #require(descriptor >= 0)
  }

  deinit { close(descriptor) }

  /// The first words that are written to the pipe.
  func read() async throws -> String {
    var octets = [UInt8](repeating: 0, count: 4096)
    var count = 0
    try await eventually("something is written to the pipe") {
      count = unsafe Glibc.read(descriptor, &octets, octets.count)
      return count > 0
    }
    return String(decoding: octets.prefix(count), as: UTF8.self)
  }

  /// Writes until there is no room for a single octet.
  func fill() {
    for size in [4096, 1] {
      let octets = [UInt8](repeating: 0x78, count: size)
      while unsafe write(descriptor, octets, size) > 0 {}
    }
  }
}
