import Glibc

/// The machine's clock.
public enum SystemClock {
  /// Seconds since 1970.
  public static var seconds: UInt64 { UInt64(max(time(nil), 0)) }
}
