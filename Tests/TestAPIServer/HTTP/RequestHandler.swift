import NIOCore
import NIOHTTP1
import NIOSSL

/// Reads requests of a connection or of a stream of one, and sends what is answered.
final class RequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// More than any object of the API may have.
  private static let maximumBody = 3 << 20

  private let responder: Responder
  /// The connection, of which the channel may be a stream.
  private let connection: any Channel
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var watch: WatchStream?

  init(_ responder: Responder, on connection: any Channel) {
    self.responder = responder
    self.connection = connection
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = []
    case .body(let part):
      guard body.count + part.readableBytes <= Self.maximumBody else { return context.close(promise: nil) }
      body += part.readableBytesView
    case .end:
      guard let head else { return }
      self.head = nil
      answer(request(head), in: context)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    watch?.sendMore()
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    watch?.stop()
    watch = nil
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func request(_ head: HTTPRequestHead) -> Request {
    let certificate = (try? connection.pipeline.syncOperations.nioSSL_peerCertificate()) ?? nil
    let (path, query) = Request.split(uri: head.uri)
    return Request(
      method: head.method.rawValue, path: path, query: query,
      headers: Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { "\($0),\($1)" }, body: body,
      hasCertificate: certificate != nil)
  }

  private func answer(_ request: Request, in context: ChannelHandlerContext) {
    let fault = responder.fault(for: request)
    let answer: Answer
    switch fault {
    case .staysSilent:
      responder.note(request, status: nil)
      return
    case .answers(let recorded): answer = recorded.answer
    default: answer = responder.answer(request)
    }
    responder.note(request, status: answer.status)
    send(answer, fault: fault, in: context)
  }

  private func send(_ answer: Answer, fault: Fault?, in context: ChannelHandlerContext) {
    let sender = BodySender(context.channel, of: connection, fault: fault)
    var answer = answer
    if case .watch(let plan) = answer.body { answer.headers.append(("content-type", plan.encoding.mediaType)) }
    let head = HTTPResponseHead(
      version: .http1_1, status: .init(statusCode: answer.status), headers: responder.headers(of: answer))
    context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    switch answer.body {
    case .whole(let octets):
      sender.send(octets)
      sender.end()
    case .endless(let octets): sender.send(octets)
    case .watch(let plan):
      let watch = WatchStream(plan, store: responder.store, sender: sender, fault: fault)
      self.watch = watch
      watch.start(on: context.eventLoop, bookmarkInterval: responder.bookmarkInterval)
    }
  }
}
