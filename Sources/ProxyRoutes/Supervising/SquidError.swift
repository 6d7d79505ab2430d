/// Why a configuration is not served by Squid.
public struct SquidError: Error, CustomStringConvertible {
  public let description: String
}
