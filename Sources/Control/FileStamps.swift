import Foundation

/// What files looked like at one time, to see whether one of them changed.
struct FileStamps: Equatable, Sendable {
  private struct Stamp: Equatable {
    var inode: UInt64
    var size: Int
    var modified: Date
  }

  private var stamps: [String: Stamp?] = [:]

  /// The stamps of files; one that is missing is part of the picture too.
  init(_ paths: [String]) {
    for path in paths {
      // Links are followed: a mounted ConfigMap changes by its link being turned.
      let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else {
        stamps.updateValue(nil, forKey: path)
        continue
      }
      stamps[path] = Stamp(
        inode: attributes[.systemFileNumber] as? UInt64 ?? 0, size: attributes[.size] as? Int ?? 0,
        modified: attributes[.modificationDate] as? Date ?? .distantPast)
    }
  }

  /// These stamps, for the files of `others` only, and the stamps of `others` for files that were not looked at here.
  func merging(_ others: FileStamps) -> FileStamps {
    var merged = others
    for (path, stamp) in stamps where others.stamps[path] != nil { merged.stamps.updateValue(stamp, forKey: path) }
    return merged
  }
}
