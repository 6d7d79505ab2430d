import DNSWire

/// A question that says we were somebody else.
struct Forgery {
  /// Addresses that are nobody's, for they are for documentation (RFC 5737, RFC 3849), and a namespace of our own.
  static let v4 = IPAddress(v4: 0xC000_024D)
  static let v6 = IPAddress(high: 0x2001_0DB8_0000_0000, low: 0x77)
  static let namespace = "forged-by-steer-doctor"

  /// What is forged, in words.
  private(set) var words: String
  /// The EDNS options to send.
  private(set) var options: [EDNSOption]
  /// Whether to sign the question.
  private(set) var isSigned = false

  /// What to send to a zone of these sources: every source alone, all together, and all of them twice.
  ///
  /// Each is sent in a question of more than 512 octets too, and in a signed one: dnsmasq adds nothing of its own to
  /// either, and lets a client's options through.
  static func all(against candidates: [Canary.Candidate]) -> [Forgery] {
    var single: [Forgery] = []
    var forgeries: [Forgery] = []
    for candidate in candidates {
      guard let code = candidate.optionCode, code != EDNSOptionCode.clientSubnet else { continue }
      let isAddress = candidate.source.hasPrefix("edns-client-ip")
      let option = EDNSOption(code: code, data: isAddress ? v4.octets : Array(namespace.utf8))
      single.append(Forgery(words: "option \(code)", options: [option]))
      guard isAddress else { continue }
      forgeries.append(Forgery(words: "option \(code) (IPv6)", options: [EDNSOption(code: code, data: v6.octets)]))
    }
    single.append(Forgery(words: "Client Subnet", options: [.clientSubnet(v4)]))
    forgeries = single + forgeries
    let all = single.flatMap(\.options)
    if all.count > 1 { forgeries.append(Forgery(words: "all of them together", options: all)) }
    forgeries.append(Forgery(words: "all of them twice", options: all + all))
    for forgery in single {
      forgeries.append(
        Forgery(words: "\(forgery.words) in a question over 512 octets", options: forgery.options + [.padding]))
      forgeries.append(
        Forgery(words: "\(forgery.words) in a signed question", options: forgery.options, isSigned: true))
    }
    return forgeries
  }
}
