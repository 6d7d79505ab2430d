import Foundation

/// The time, as the API writes it.
enum ServerClock {
  /// Seconds since 1970.
  static var now: Int64 { Int64(Date().timeIntervalSince1970) }

  /// As in `creationTimestamp`.
  static func text(_ seconds: Int64) -> String {
    Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
  }

  /// As in the header `date`.
  static func header(_ seconds: Int64) -> String {
    let style = Date.VerbatimFormatStyle(
      format: """
        \(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits) \
        \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits) GMT
        """,
      locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt, calendar: Calendar(identifier: .gregorian))
    return Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(style)
  }
}
