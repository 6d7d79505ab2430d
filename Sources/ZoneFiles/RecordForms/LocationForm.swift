/// LOC: where a host is (RFC 1876).
///
/// Text: `D [M [S]] N|S D [M [S]] E|W ALTITUDE [SIZE [HORIZONTAL [VERTICAL]]]`, seconds with up to three decimals,
/// the rest in metres, `m` behind them or not, with up to two. Octets: version 1 (0), size 1, horizontal precision
/// 1, vertical precision 1, latitude 4, longitude 4, altitude 4. Of the sizes the first digit counts, as RFC 1876 §2
/// encodes them.
enum LocationForm: RecordForm {
  static func octets(_ words: inout DataWords) throws(EntryFault) -> [UInt8] {
    let latitude = try angle(&words, upTo: 90, ("N", "S"))
    let longitude = try angle(&words, upTo: 180, ("E", "W"))
    // Centimetres above a point 100 km below the reference spheroid.
    let altitude = 10_000_000 + (try metres(try words.next("an altitude"), from: -10_000_000, to: 4_284_967_295))
    var sizes: [UInt8] = [0x12, 0x16, 0x13]
    for index in sizes.indices where !words.isAtEnd {
      sizes[index] = powerOfTen(try metres(try words.next("a size"), from: 0, to: 9_000_000_000))
    }
    return [0] + sizes + latitude.bigEndianOctets + longitude.bigEndianOctets
      + UInt32(truncatingIfNeeded: altitude).bigEndianOctets
  }

  static func isValid(_ octets: [UInt8]) -> Bool {
    guard octets.count == 16, octets.first == 0 else { return false }
    let sizes = octets[1...3].allSatisfy { $0 >> 4 <= 9 && $0 & 15 <= 9 }
    let angles = [(4, 90), (8, 180)].allSatisfy { start, degrees in
      let value = octets[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
      return abs(value - equator) <= degrees * 3_600_000
    }
    return sizes && angles
  }

  /// Thousandths of a second of arc at the equator and the prime meridian.
  private static let equator = 1 << 31

  private static func angle(
    _ words: inout DataWords, upTo maximum: Int, _ directions: (String, String)
  ) throws(EntryFault) -> UInt32 {
    let limits = [(maximum, 3_600_000), (59, 60_000)]
    var value = 0
    var count = 0
    while true {
      let token = try words.next("\(directions.0) or \(directions.1)")
      let direction = token.string.uppercased()
      if count > 0, direction == directions.0 || direction == directions.1 {
        guard value <= maximum * 3_600_000 else { break }
        return UInt32(truncatingIfNeeded: direction == directions.0 ? equator + value : equator - value)
      }
      if count < limits.count, let number = token.number(upTo: UInt64(limits[count].0)) {
        value += Int(number) * limits[count].1
      } else if count == 2, let milliseconds = decimal(token.text, places: 3), milliseconds < 60_000 {
        value += milliseconds
      } else {
        throw EntryFault(
          "\"\(excerpt(token.text))\" does not fit degrees, minutes and seconds up to \(maximum)°, then "
            + "\(directions.0) or \(directions.1)")
      }
      count += 1
    }
    throw EntryFault("the angle is larger than \(maximum)°")
  }

  /// The centimetres of a length in metres.
  private static func metres(_ token: Token, from least: Int, to most: Int) throws(EntryFault) -> Int {
    var text = token.text
    if text.last.map({ $0 | 0x20 }) == UInt8(ascii: "m") { text = text.dropLast() }
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative { text = text.dropFirst() }
    guard let amount = decimal(text, places: 2), (least...most).contains(isNegative ? -amount : amount) else {
      throw EntryFault(
        "\"\(excerpt(token.text))\" is not a length in metres from \(least / 100) to \(most / 100), with up to two "
          + "decimals")
    }
    return isNegative ? -amount : amount
  }

  /// A number with up to `places` decimals, in units of the last of them; nil for any other text.
  private static func decimal(_ text: ArraySlice<UInt8>, places: Int) -> Int? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard let whole = parts.first, parts.count <= 2, (1...9).contains(whole.count) else { return nil }
    let fraction = parts.dropFirst().first ?? []
    guard fraction.count <= places, parts.count == 1 || !fraction.isEmpty,
      (whole + fraction).allSatisfy(\.isASCIIDigit)
    else { return nil }
    let digits = whole + fraction + [UInt8](repeating: 0x30, count: places - fraction.count)
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// Centimetres as a digit in the upper four bits and the power of ten that it is multiplied by in the lower.
  private static func powerOfTen(_ centimetres: Int) -> UInt8 {
    var (digit, power) = (centimetres, 0)
    while digit > 9 {
      digit /= 10
      power += 1
    }
    return UInt8(digit << 4 | power)
  }
}
