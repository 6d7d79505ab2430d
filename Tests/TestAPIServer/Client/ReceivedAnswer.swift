import NIOCore
import NIOHTTP1

/// What came of an answer.
public struct ReceivedAnswer: Sendable {
  /// An answer of which only this came.
  public init(body: [UInt8] = []) { self.body = body }

  /// The status; nil if not even that came.
  public var status: Int?
  /// The headers, named in small letters.
  public var headers: [String: String] = [:]
  /// The body.
  public var body: [UInt8]
  /// Whether the answer ended as an answer does.
  public var isWhole = false

  /// The body as text.
  public var text: String { String(decoding: body, as: UTF8.self) }

  /// The body as JSON.
  public var json: JSON { get throws { try JSON(octets: body) } }

  /// The lines of the body as JSON: the events of a watch.
  public var events: [JSON] { get throws { try text.split(separator: "\n").map { try JSON(String($0)) } } }
}

/// Collects an answer until it ends, is enough, or the connection is gone; then closes the connection.
final class AnswerCollector: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let promise: EventLoopPromise<ReceivedAnswer>
  private let connection: any Channel
  private let isEnough: @Sendable ([UInt8]) -> Bool
  private var answer = ReceivedAnswer()

  init(
    _ promise: EventLoopPromise<ReceivedAnswer>, of connection: any Channel,
    until isEnough: @escaping @Sendable ([UInt8]) -> Bool
  ) {
    self.promise = promise
    self.connection = connection
    self.isEnough = isEnough
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      answer.status = Int(head.status.code)
      answer.headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { "\($0),\($1)" }
    case .body(let part):
      answer.body += part.readableBytesView
      if isEnough(answer.body) { finish() }
    case .end:
      answer.isWhole = true
      finish()
    }
  }

  func channelInactive(context: ChannelHandlerContext) { finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { finish() }

  /// Settles the promise, the first time; later it has no effect.
  private func finish() {
    promise.succeed(answer)
    connection.close(promise: nil)
  }
}
