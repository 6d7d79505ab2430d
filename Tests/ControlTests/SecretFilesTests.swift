import DNSWire
import Foundation
import Logging
import Steering
import TestSupport
import Testing

@testable import Control

/// Files of secrets that change while the server runs.
@Suite struct SecretFilesTests {
  @Test func aBrokenFileHoldsBackItsOwnSecretsAndNoOthers() throws {
    try TemporaryFolder.with { folder in
      let (cookies, keys) = (folder.appending(path: "cookies").path, folder.appending(path: "keys.yaml").path)
      func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      }
      try write("e5e973e5a6b2a43f48e7dc849e37bfcf\n", to: cookies)
      let secret = Data(repeating: 7, count: 32).base64EncodedString()
      try write("keys: [{name: ka, algorithm: hmac-sha256, secret: \"\(secret)\"}]\n", to: keys)
      let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let files = SecretFiles(cookies: cookies, keys: keys)
      let first = try files.load(logger)
      let name = try DomainName("ka")
      #expect(first.keys[name] != nil)
      try write("broken\n", to: cookies)
      try write("keys: []\n", to: keys)
      let second = files.reload(first, logger)
      #expect(second.keys[name] == nil, "a key that was taken back is gone, whatever else is broken")
      #expect(second.cookies != nil)
    }
  }
}
