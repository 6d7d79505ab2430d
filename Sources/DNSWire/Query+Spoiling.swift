extension Query {
  /// Makes a message malformed, for one whose end was lost: what is left of it may read as a query.
  ///
  /// Its header then counts authority records, which no query has (RFC 9619). What is shorter than a header stays.
  public static func spoil(_ message: inout MutableSpan<UInt8>) {
    guard message.count >= Header.size else { return }
    message.setUInt16(.max, at: 8)
  }
}
