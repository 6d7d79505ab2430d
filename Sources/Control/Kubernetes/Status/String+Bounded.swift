extension String {
  /// The text in at most `limit` octets of UTF-8; what is cut off is told by an ellipsis.
  func bounded(to limit: Int) -> String {
    if utf8.count <= limit { return self }
    let ellipsis: Unicode.Scalar = "…"
    var room = limit - ellipsis.utf8.count
    // By scalars, for a single character may be of any length.
    let kept = unicodeScalars.prefix { scalar in
      room -= scalar.utf8.count
      return room >= 0
    }
    var text = String.UnicodeScalarView(kept)
    text.append(ellipsis)
    return String(text)
  }
}
