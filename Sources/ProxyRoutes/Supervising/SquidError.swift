/// Why a configuration is not served by Squid.
public struct SquidError: Error, CustomStringConvertible {
  public let description: String
  /// The ports of the listeners that alone are at fault; empty if it is not a matter of listeners.
  let ports: Set<UInt16>

  init(description: String, ports: Set<UInt16> = []) {
    self.description = description
    self.ports = ports
  }
}
