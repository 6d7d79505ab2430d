import Foundation

/// The files that access is made of.
enum AccessFile {
  /// Octets that such a file may have.
  static let sizeLimit = 1 << 20

  /// The content of `path`, which is `what`, such as "the token".
  static func read(_ path: String, what: String) throws(ClusterAccessError) -> [UInt8] {
    let data: Data
    do {
      let file = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? file.close() }
      data = try file.read(upToCount: sizeLimit + 1) ?? Data()
    } catch {
      throw ClusterAccessError("\(what) in \(path) cannot be read: \(error.localizedDescription)")
    }
    guard data.count <= sizeLimit else {
      throw ClusterAccessError("\(what) in \(path) has more than \(sizeLimit) octets")
    }
    return Array(data)
  }
}
