import NIOCore

/// How the events of a watch are told apart.
enum Framing: Sendable {
  /// Each is a line.
  case line
  /// Each has its size before it: four octets, the highest first.
  case lengthPrefix
}

/// A watch's octets → its frames.
struct FrameReader {
  private let framing: Framing
  private let sizeLimit: Int
  private var buffer = ByteBuffer()
  /// How many octets were searched for the end of a line, so that slow ones are not searched again and again.
  private var searched = 0

  init(_ framing: Framing, sizeLimit: Int) {
    self.framing = framing
    self.sizeLimit = sizeLimit
  }

  mutating func append(_ octets: ByteBuffer) {
    buffer.discardReadBytes()
    buffer.writeImmutableBuffer(octets)
  }

  /// The next frame; nil if it is not there whole.
  mutating func next() throws(RequestFault) -> [UInt8]? {
    switch framing {
    case .line: try nextLine()
    case .lengthPrefix: try nextPrefixed()
    }
  }

  private mutating func nextLine() throws(RequestFault) -> [UInt8]? {
    while true {
      let unsearched = buffer.readableBytesView.dropFirst(searched)
      guard let end = unsearched.firstIndex(of: UInt8(ascii: "\n")) else {
        searched = buffer.readableBytes
        guard searched <= sizeLimit else { throw .tooLarge(sizeLimit) }
        return nil
      }
      searched = 0
      let size = end - buffer.readerIndex
      guard size <= sizeLimit else { throw .tooLarge(sizeLimit) }
      let line = buffer.readBytes(length: size)
      buffer.moveReaderIndex(forwardBy: 1)
      if let line, !line.isEmpty { return line }
    }
  }

  private mutating func nextPrefixed() throws(RequestFault) -> [UInt8]? {
    guard let size = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
    guard size <= sizeLimit else { throw .tooLarge(sizeLimit) }
    guard buffer.readableBytes >= 4 + Int(size) else { return nil }
    buffer.moveReaderIndex(forwardBy: 4)
    return buffer.readBytes(length: Int(size))
  }
}
