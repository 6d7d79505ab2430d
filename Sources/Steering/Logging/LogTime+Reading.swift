extension LogTime {
  /// The milliseconds since 1970 of an RFC 3339 time, `2026-11-24T02:10:07.123Z`; nil if it is none, or before 1970.
  public static func milliseconds(of text: some Collection<UInt8>) -> UInt64? {
    var octets = text[...]
    func number(_ count: Int, in range: ClosedRange<Int>, after mark: UInt8? = nil) -> Int? {
      if let mark, octets.popFirst() != mark { return nil }
      var number = 0
      for _ in 0..<count {
        guard let digit = octets.popFirst(), (0x30...0x39).contains(digit) else { return nil }
        number = number * 10 + Int(digit - 0x30)
      }
      return range.contains(number) ? number : nil
    }
    guard let year = number(4, in: 1970...9999), let month = number(2, in: 1...12, after: 0x2D),
      let day = number(2, in: 1...31, after: 0x2D), let mark = octets.popFirst(), mark == 0x54 || mark == 0x74,
      let hour = number(2, in: 0...23), let minute = number(2, in: 0...59, after: 0x3A),
      let second = number(2, in: 0...60, after: 0x3A)
    else { return nil }
    var fraction = 0
    if octets.first == 0x2E {
      octets.removeFirst()
      var places = 0
      while let digit = octets.first, (0x30...0x39).contains(digit) {
        if places < 3 { fraction = fraction * 10 + Int(digit - 0x30) }
        places += 1
        octets.removeFirst()
      }
      guard places > 0 else { return nil }
      for _ in min(places, 3)..<3 { fraction *= 10 }
    }
    var offset = 0
    switch octets.popFirst() {
    case 0x5A, 0x7A: break
    case let sign? where sign == 0x2B || sign == 0x2D:
      guard let hours = number(2, in: 0...23), let minutes = number(2, in: 0...59, after: 0x3A) else { return nil }
      offset = (hours * 60 + minutes) * (sign == 0x2B ? 60 : -60)
    default: return nil
    }
    guard octets.isEmpty else { return nil }
    let seconds = (days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second - offset
    return seconds < 0 ? nil : UInt64(seconds * 1000 + fraction)
  }

  /// The days from 1970 to a day; years are counted from March, so that a leap day is a year's last.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
  }
}
