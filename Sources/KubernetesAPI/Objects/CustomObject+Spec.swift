extension CustomObject {
  /// The text of its `spec`, in JSON; nil if it has none.
  public var spec: String? {
    let octets = Array(json.utf8)
    return Self.span(ofSpecIn: octets).map { String(decoding: octets[$0], as: UTF8.self) }
  }

  /// The object as it was in another version, with the `spec` of that; nil if it has none now.
  public func version(_ generation: Int64, spec: String) -> CustomObject? {
    let octets = Array(json.utf8)
    guard let span = Self.span(ofSpecIn: octets) else { return nil }
    var version = self
    version.generation = generation
    version.json = String(
      decoding: octets[..<span.lowerBound] + spec.utf8 + octets[span.upperBound...], as: UTF8.self)
    return version
  }

  private static func span(ofSpecIn octets: [UInt8]) -> Range<Int>? {
    try? JSONSpans.members(of: octets, in: octets.startIndex..<octets.endIndex)["spec"]
  }
}
