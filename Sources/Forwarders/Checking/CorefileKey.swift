import DNSWire

extension Corefile {
  /// What a server block answers for: `[SCHEME://]ZONE[:PORT]`.
  struct Key {
    /// As written.
    var word: Word
    /// The zone; nil if it is written as an address block or cannot be known.
    var zone: DomainName?
    /// The scheme, `dns` if none is written.
    var scheme = "dns"
    /// The port; nil if none is written.
    var port: UInt16?

    /// Reads a key; throws if it is none.
    init(_ word: Word) throws(CorefileFault) {
      self.word = word
      var rest = Substring(word.text)
      if let range = rest.firstIndex(of: "/"), rest[range...].hasPrefix("//"), rest[..<range].hasSuffix(":") {
        scheme = rest[..<range].dropLast().lowercased()
        rest = rest[range...].dropFirst(2)
      }
      if word.hasPlaceholder { return }
      // An IPv6 block has colons of its own.
      if let colon = rest.lastIndex(of: ":"), !rest[..<colon].contains(":") || rest[..<colon].contains("/") {
        guard let port = UInt16(rest[rest.index(after: colon)...]) else {
          throw CorefileFault(place: word.place, problem: "'\(word.text.prefix(80))' has no number as its port")
        }
        self.port = port
        rest = rest[..<colon]
      }
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

    /// Whether two keys name one listener: the same scheme and port.
    func sharesListener(with other: Key) -> Bool { scheme == other.scheme && (port ?? 53) == (other.port ?? 53) }
  }
}
