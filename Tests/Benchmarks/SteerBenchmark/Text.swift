import Foundation

/// Prints a line at once, into a pipe too, so that a long run is seen to go on.
func report(_ line: String) {
  FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

extension String {
  /// The text with spaces after it up to `width` characters.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(width - count, 0))
  }

  /// The text with spaces before it up to `width` characters.
  func rightAligned(in width: Int) -> String {
    String(repeating: " ", count: max(width - count, 0)) + self
  }
}

extension Double {
  /// The number with so many digits after the point.
  func text(digits: Int) -> String {
    formatted(.number.precision(.fractionLength(digits)).grouping(.never).locale(Locale(identifier: "en_US_POSIX")))
  }
}

extension Duration {
  /// The duration in seconds.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
