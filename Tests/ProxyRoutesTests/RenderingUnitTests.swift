import Foundation
import Testing

/// What `deploy/vm` has beside the rendered configuration.
@Suite struct RenderingUnitTests {
  @Test func `systemd finds no fault in the parent's unit`() async throws {
    let unit = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../deploy/vm/steer-parent.service").standardized
    let program = "/usr/bin/systemd-analyze"
    try #require(FileManager.default.isExecutableFile(atPath: program), "install the Debian package systemd")
    let fault = try broken(unit)
    defer { try? FileManager.default.removeItem(at: fault) }
    for (path, isSound) in [(unit, true), (fault, false)] {
      let (status, output) = try await RenderingSquid.run(program, ["verify", path.path])
      #expect((status == 0 && output.isEmpty) == isSound, "\(output)")
    }
  }

  /// The unit with a fault, which proves that systemd looks.
  private func broken(_ unit: URL) throws -> URL {
    let text = try String(contentsOf: unit, encoding: .utf8)
    let file = FileManager.default.temporaryDirectory.appending(path: "steer-\(UUID().uuidString).service")
    try Data(text.replacing("ExecStart=", with: "ExecStart=none").utf8).write(to: file)
    return file
  }
}
