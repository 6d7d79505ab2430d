import Synchronization

/// The bearer token of now.
///
/// A file is read for every request: there are few of them, and the kubelet replaces the token long before it expires.
final class TokenReader: Sendable {
  private let source: Credentials.Token
  private let last = Mutex<String?>(nil)

  init(_ source: Credentials.Token) {
    self.source = source
  }

  /// The token; while its file cannot be read, the one read last.
  func token() throws(ClusterAccessError) -> String {
    switch source {
    case .text(let token): return try Self.checked(token, of: "the credentials")
    case .file(let path):
      do {
        let octets = try AccessFile.read(path, what: "the token")
        let token = try Self.checked(String(decoding: octets, as: UTF8.self), of: path)
        last.withLock { $0 = token }
        return token
      } catch {
        guard let token = last.withLock({ $0 }) else { throw error }
        return token
      }
    }
  }

  /// Tokens are of RFC 6750's b64token; anything else could add to the request's head.
  private static func checked(_ text: String, of place: String) throws(ClusterAccessError) -> String {
    let token = text.trimmingWhitespace
    guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw ClusterAccessError("the token in \(place) is empty or has characters that tokens cannot have")
    }
    return token
  }
}

extension String {
  /// Without spaces and ends of lines around it.
  var trimmingWhitespace: String {
    String(trimming(while: \.isWhitespace))
  }

  private func trimming(while isTrimmed: (Character) -> Bool) -> Substring {
    guard let first = firstIndex(where: { !isTrimmed($0) }), let last = lastIndex(where: { !isTrimmed($0) }) else {
      return ""
    }
    return self[first...last]
  }
}
