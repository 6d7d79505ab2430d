import DNSWire

extension Value {
  /// A TCP port; a fault is reported.
  func port() -> UInt16? {
    guard ScalarType(node) == .integer, let text = scalarText else {
      _ = integer(in: 1...65535)
      return nil
    }
    if let port = UInt16(text), port > 0 { return port }
    report(.invalidPort, "\(text.prefix(20)) is not a TCP port; use 1 to 65535")
    return nil
  }

  /// A duration in whole seconds, such as `1h30m`; a fault is reported.
  func duration() -> UInt32? {
    guard let text = scalarText, !isNull else {
      _ = string()
      return nil
    }
    if text.utf8.allSatisfy(\.isASCIIDigit) {
      report(.invalidDuration, "\(text.prefix(20)) has no unit; write \(text.prefix(20))s for seconds")
      return nil
    }
    switch text.utf8.count > Limits.duration ? nil : Self.seconds(of: text) {
    case nil:
      report(
        .invalidDuration,
        "'\(text.prefix(40))' is not a duration; write whole hours, minutes and seconds, "
          + "such as 10s, 5m or 1h30m")
    case let seconds? where seconds > Int(ResourceRecord.maximumTTL):
      report(
        .invalidDuration,
        "\(text.prefix(40)) is longer than \(ResourceRecord.maximumTTL)s, the largest TTL; shorten it")
    case let seconds?:
      return UInt32(seconds)
    }
    return nil
  }

  /// The seconds of digits and units in turn; nil if it is anything else, `Int.max` if too large.
  private static func seconds(of text: String) -> Int? {
    var total = 0
    var number: Int?
    for octet in text.utf8 {
      if octet.isASCIIDigit {
        let digit = Int(octet - 0x30)
        number = min((number ?? 0) * 10 + digit, Int(ResourceRecord.maximumTTL) + 1)
      } else {
        guard let count = number else { return nil }
        switch octet {
        case 0x68: total += count * 3600
        case 0x6D: total += count * 60
        case 0x73: total += count
        default: return nil
        }
        total = min(total, Int(ResourceRecord.maximumTTL) + 1)
        number = nil
      }
    }
    return number == nil ? total : nil
  }

  /// An IP address; a fault is reported.
  func address() -> IPAddress? {
    guard let text = string() else { return nil }
    if let address = IPAddress(text) { return address }
    report(
      .invalidAddress, "'\(text.prefix(80))' is not an IP address; write one such as 10.8.4.7 or fd00::7")
    return nil
  }

  /// A block of addresses; a fault is reported.
  func block() -> IPBlock? {
    guard let text = string() else { return nil }
    do throws(IPBlockError) {
      return try IPBlock(text)
    } catch {
      let shown = text.prefix(80)
      switch error {
      case .hostBitsSet(let network):
        report(.invalidCIDR, "\(shown) has bits set past its prefix; the network is \(network)")
      case .badPrefixLength:
        report(
          .invalidCIDR,
          "'\(shown)' has no valid prefix length; use /0 to /32 for IPv4, /0 to /128 for IPv6")
      case .malformed:
        report(.invalidCIDR, "'\(shown)' is not a block of addresses; write one such as 10.8.4.0/22")
      }
      return nil
    }
  }
}
