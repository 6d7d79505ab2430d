import Forwarders
import Foundation
import Testing

/// The rendered configurations as the programs themselves judge them.
@Suite struct RenderingProgramsTests {
  /// A program that checks a configuration.
  struct Checker: Sendable, CustomTestStringConvertible {
    var forwarder: Forwarder
    var method: IdentityMethod
    var program: String
    var arguments: [String]
    var package: String
    var testDescription: String { "\(program) for \(method.rawValue)" }
  }

  static let checkers = [
    Checker(
      forwarder: .dnsmasq, method: .ecs, program: "dnsmasq", arguments: ["--test", "-C"], package: "dnsmasq-base"),
    Checker(
      forwarder: .dnsdist, method: .proxyProtocol, program: "dnsdist", arguments: ["--check-config", "-C"],
      package: "dnsdist"),
    Checker(
      forwarder: .dnsdist, method: .ecs, program: "dnsdist", arguments: ["--check-config", "-C"], package: "dnsdist"),
    Checker(forwarder: .unbound, method: .ecs, program: "unbound-checkconf", arguments: [], package: "unbound"),
    Checker(forwarder: .bind, method: .views, program: "named-checkconf", arguments: [], package: "bind9-utils"),
  ]

  @Test(arguments: checkers)
  func programAcceptsWhatIsRendered(checker: Checker) throws {
    let text = try ForwarderConfiguration(try RenderingFixture.request(checker.forwarder, checker.method)).text
    let (status, output) = try run(checker, on: text)
    #expect(status == 0, "\(output)")
  }

  /// Proves that the program looks at all.
  @Test(arguments: checkers)
  func programRefusesWhatIsNot(checker: Checker) throws {
    #expect(try run(checker, on: "server=/x/{\nno-such-word here; (").status != 0)
  }

  private func run(_ checker: Checker, on text: String) throws -> (status: Int32, output: String) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "steer-render-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "forwarder.conf")
    try Data(text.utf8).write(to: file)
    let places = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map { "\($0)/\(checker.program)" }
    let path = try #require(
      places.first { FileManager.default.isExecutableFile(atPath: $0) },
      "\(checker.program) is missing; install the Debian package \(checker.package)")
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = checker.arguments + [file.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
