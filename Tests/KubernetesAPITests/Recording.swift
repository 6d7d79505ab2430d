import Foundation
import NIOCore
import Testing

@testable import KubernetesAPI

/// What a real API server of Kubernetes 1.36 once answered.
struct Recording {
  /// The HTTP status; that of a recording without a head is 200.
  let status: Int
  /// The headers, by their names in lower case.
  let headers: [String: String]
  /// The body, octet for octet.
  let body: [UInt8]

  init(_ name: String) throws {
    let url = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/kubernetes-1.36/\(name)")
    let octets = Array(try Data(contentsOf: url))
    guard octets.starts(with: Array("HTTP/2 ".utf8)) else {
      (status, headers, body) = (200, [:], octets)
      return
    }
    let end = try #require(octets.firstRange(of: Array("\r\n\r\n".utf8)))
    let lines = String(decoding: octets[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    status = try #require(lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    headers = Dictionary(
      lines.dropFirst().compactMap { line in
        guard let colon = line.firstIndex(of: ":") else { return nil }
        return (line[..<colon].lowercased(), String(line[line.index(after: colon)...]).trimmingWhitespace)
      }, uniquingKeysWith: { first, _ in first })
    body = Array(octets[end.upperBound...])
  }

  var head: ResponseHead {
    ResponseHead(status: status, mediaType: headers["content-type"] ?? "", retryAfter: nil)
  }

  /// The events of a watch that came in pieces of `size` octets.
  func events<Object>(_ codec: some ObjectCodec<Object>, inPiecesOf size: Int) throws -> [WatchEvent<Object>] {
    var frames = FrameReader(codec.framing, sizeLimit: 1 << 20)
    var events: [WatchEvent<Object>] = []
    for start in stride(from: 0, to: body.count, by: size) {
      frames.append(ByteBuffer(bytes: body[start..<min(start + size, body.count)]))
      while let frame = try frames.next() { events.append(try codec.event(frame)) }
    }
    return events
  }
}

extension WatchEvent {
  /// The event in short: what happened to which object in which version.
  var summary: String {
    switch self {
    case .applied(let told): "applied \(told.name) \(told.version)"
    case .deleted(let told): "deleted \(told.name) \(told.version)"
    case .bookmark(let version, let endsInitialEvents): "bookmark \(version)\(endsInitialEvents ? " end" : "")"
    case .failed(let refusal): "failed \(refusal.code) \(refusal.reason)"
    }
  }

  var object: Object? {
    switch self {
    case .applied(let told), .deleted(let told): told.object
    case .bookmark, .failed: nil
    }
  }
}
