import DNSWire

extension Corefile {
  /// What a server block answers for: `[SCHEME://]ZONE[:PORT]`.
  struct Key {
    /// As written.
    var word: Word
    /// The zone; nil if it is written as an address block, or the environment fills it in.
    var zone: DomainName?
    /// The scheme, `dns` if none is written.
    var scheme = "dns"
    /// The port, that of the scheme if none is written; nil if the environment fills it in.
    var port: UInt16?

    /// The port of a scheme.
    private static let ports: [String: UInt16] = ["dns": 53, "tls": 853, "quic": 853]

    /// Reads a key; throws if it is none.
    init(_ word: Word) throws(CorefileFault) {
      self.word = word
      var rest = Substring(word.text)
      if let range = rest.firstIndex(of: "/"), rest[range...].hasPrefix("//"), rest[..<range].hasSuffix(":") {
        scheme = rest[..<range].dropLast().lowercased()
        rest = rest[range...].dropFirst(2)
      }
      port = Self.ports[scheme] ?? 443
      // An IPv6 block has colons of its own.
      if let colon = rest.lastIndex(of: ":"), !rest[..<colon].contains(":") || rest[..<colon].contains("/") {
        port = UInt16(rest[rest.index(after: colon)...])
        guard port != nil || word.hasPlaceholder else {
          throw CorefileFault(place: word.place, problem: "'\(word.text.prefix(80))' has no number as its port")
        }
        rest = rest[..<colon]
      }
      if Word.hasPlaceholder(word.text[..<rest.endIndex]) { return }
      if rest.contains("/") { return }
      if rest.isEmpty {
        zone = .root
        return
      }
      do throws(DomainNameError) {
        zone = try DomainName(rest)
      } catch {
        throw CorefileFault(
          place: word.place, problem: "'\(word.text.prefix(80))' is not a zone: \(error)")
      }
    }
  }
}
