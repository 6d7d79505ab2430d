import Foundation
import Testing

@testable import ProxyRoutes

@Suite struct SquidAccountTests {
  @Test func `a folder that others can write to is refused, and so is one within it`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "steer-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let settings = ProxySettings(folder: folder.appending(path: "own/proxy").path)
    let account = try SquidAccount(settings)
    try account.makeFolders(settings)
    #expect(FileManager.default.fileExists(atPath: settings.logFolder))
    // Made again, as at every start.
    try account.makeFolders(settings)
    for path in ["", "own", "own/proxy"] {
      let shared = folder.appending(path: path).path
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: shared)
      let error = #expect(throws: SquidError.self) { try account.makeFolders(settings) }
      #expect(error?.description.contains("can be written to by others") == true)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: shared)
    }
  }

  @Test func `where nobody else runs, the folder may lie in one that all may write to, and is itself refused`() throws
  {
    let volume = FileManager.default.temporaryDirectory.appending(path: "steer-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: volume) }
    try FileManager.default.createDirectory(at: volume, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: volume.path)
    var settings = ProxySettings(folder: volume.appending(path: "proxy").path)
    settings.isIsolated = true
    let account = try SquidAccount(settings)
    try account.makeFolders(settings)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: settings.folder)
    #expect(throws: SquidError.self) { try account.makeFolders(settings) }
  }
}
