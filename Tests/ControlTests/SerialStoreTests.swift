import Control
import Foundation
import TestSupport
import Testing

@Suite struct SerialStoreTests {
  @Test func serialsAreTheTimeAndNeverGoBack() throws {
    var store = try SerialStore(folder: nil)
    #expect(store.next(at: 1000) == 1000)
    try store.keep(1000)
    #expect(store.next(at: 1000) == 1001)
    #expect(store.next(at: 500) == 1001)
    #expect(store.next(at: 2000) == 2000)
  }

  @Test func aFolderKeepsTheLastSerialOverARestart() throws {
    try TemporaryFolder.with { folder in
      let path = folder.appendingPathComponent("state").path
      var store = try SerialStore(folder: path)
      try store.keep(2_000_000_000)
      #expect(try SerialStore(folder: path).next(at: 1000) == 2_000_000_001)
    }
  }

  @Test func aSerialThatCannotBeReadIsNotForgottenSilently() throws {
    try TemporaryFolder.with { folder in
      try Data("junk".utf8).write(to: folder.appendingPathComponent("serial"))
      #expect(throws: (any Error).self) { try SerialStore(folder: folder.path) }
    }
  }
}
