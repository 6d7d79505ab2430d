import Logging
public import Steering

/// A file with the secrets of DNS cookies.
///
/// One secret a line, 32 hexadecimal digits; the first one makes cookies, all are good for checking them. Empty lines and
/// what follows `#` do not count. So a secret is changed on all servers before it is used on one (RFC 9018 §5).
public enum CookieFile {
  /// Why the file does not give secrets; never says what stands in it.
  public struct Fault: Error, CustomStringConvertible {
    public let description: String
  }

  /// Reads the secrets in the file at `path`.
  public static func load(_ path: String) throws(Fault) -> CookieSecrets {
    let octets: [UInt8]
    switch PolicyFiles.contents(of: path) {
    case .success(let content): octets = content
    case .failure(let fault): throw Fault(description: "\(path): \(fault.diagnostic.message)")
    }
    var secrets: [[UInt8]] = []
    for (index, line) in octets.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let text = line.prefix { $0 != UInt8(ascii: "#") }.filter { ![0x20, 0x09, 0x0D].contains($0) }
      guard !text.isEmpty else { continue }
      let digits = text.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
      guard text.count == 2 * CookieSecrets.secretSize, digits.count == text.count else {
        throw Fault(
          description: "\(path):\(index + 1): a secret is \(2 * CookieSecrets.secretSize) hexadecimal digits; "
            + "make one with 'openssl rand -hex 16'")
      }
      secrets.append(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }
    guard let cookies = CookieSecrets(secrets) else {
      throw Fault(
        description:
          "\(path):1: the file has \(secrets.count) secrets; write 1 to \(CookieSecrets.maximumCount), one a line"
      )
    }
    return cookies
  }
}
