import Foundation

/// Where a list is read on: the base64url text that the API server makes of revision and key.
struct ContinueToken: Equatable {
  let revision: Int
  /// The key of the last object that was told.
  let start: String

  init(revision: Int, start: String) {
    self.revision = revision
    self.start = start
  }

  init(_ text: String) throws(StatusError) {
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    let base64 = text.replacing("-", with: "+").replacing("_", with: "/") + padding
    guard let data = Data(base64Encoded: base64), let token = try? JSON(octets: Array(data)),
      token["v"] == "meta.k8s.io/v1", let revision = token["rv"]?.integer, let start = token["start"]?.text
    else { throw .badRequest("continue key is not valid: encoded json was not valid") }
    self.revision = revision
    self.start = start.trimmingCharacters(in: CharacterSet(charactersIn: "/\0"))
  }

  /// The text.
  var text: String {
    let start = "/\(start)\\u0000"
    return Data(#"{"v":"meta.k8s.io/v1","rv":\#(revision),"start":"\#(start)"}"#.utf8).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
