import NIOCore
import Testing

@testable import KubernetesAPI

@Suite struct FrameReaderTests {
  @Test func aFrameLargerThanTheLimitIsRefusedBeforeItIsThere() throws {
    var prefixed = FrameReader(.lengthPrefix, sizeLimit: 1000)
    prefixed.append(ByteBuffer(bytes: [0xFF, 0xFF, 0xFF, 0xFF]))
    #expect(throws: RequestFault.self) { try prefixed.next() }

    var lines = FrameReader(.line, sizeLimit: 1000)
    lines.append(ByteBuffer(repeating: UInt8(ascii: "a"), count: 1000))
    #expect(try lines.next() == nil)
    lines.append(ByteBuffer(string: "a"))
    #expect(throws: RequestFault.self) { try lines.next() }
  }

  @Test func emptyLinesAreNoFrames() throws {
    var lines = FrameReader(.line, sizeLimit: 1000)
    lines.append(ByteBuffer(string: "\n{}\n\n\n[]\n{"))
    #expect(try lines.next() == Array("{}".utf8))
    #expect(try lines.next() == Array("[]".utf8))
    #expect(try lines.next() == nil)
    lines.append(ByteBuffer(string: "}\n"))
    #expect(try lines.next() == Array("{}".utf8))
  }

  @Test func aFrameMayBeEmpty() throws {
    var prefixed = FrameReader(.lengthPrefix, sizeLimit: 1000)
    prefixed.append(ByteBuffer(bytes: [0, 0, 0, 0, 0, 0, 0, 1, 7, 0, 0]))
    #expect(try prefixed.next() == [])
    #expect(try prefixed.next() == [7])
    #expect(try prefixed.next() == nil)
  }
}
