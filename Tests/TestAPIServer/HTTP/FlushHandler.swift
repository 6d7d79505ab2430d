import NIOCore

/// Hands what is written between two flushes to TLS in one piece.
///
/// Go's server writes a frame of HTTP/2 as one; NIO's writes a frame's header and its payload apart, each of which would
/// become a TLS record, and readers would see frames cut where no API server cuts them.
final class FlushHandler: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var written = ByteBuffer()
  private var promises: [EventLoopPromise<Void>] = []

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    written.writeImmutableBuffer(unwrapOutboundIn(data))
    if let promise { promises.append(promise) }
  }

  func flush(context: ChannelHandlerContext) {
    if written.readableBytes > 0 || !promises.isEmpty {
      let promise = context.eventLoop.makePromise(of: Void.self)
      for waiting in promises { promise.futureResult.cascade(to: waiting) }
      promises = []
      context.write(wrapOutboundOut(written), promise: promise)
      written = ByteBuffer()
    }
    context.flush()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    flush(context: context)
    context.close(mode: mode, promise: promise)
  }
}
