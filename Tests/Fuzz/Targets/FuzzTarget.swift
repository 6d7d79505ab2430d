/// What is fed with octets that a fuzzer makes up, or that a test replays.
///
/// A fault ends the process: whatever comes in, that must not happen.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// A message from the network, to its answer.
  case packet
  /// A master file, to a served zone.
  case zone
  /// A policy, to a snapshot.
  case policy
  /// What Squid asks its helper, to the answers.
  case helper

  /// Takes octets of any kind.
  public func run(_ octets: [UInt8]) {
    switch self {
    case .packet: PacketTarget.run(octets)
    case .zone: ZoneTarget.run(octets)
    case .policy: PolicyTarget.run(octets)
    case .helper: HelperTarget.run(octets)
    }
  }
}

/// Ends the process if what must always hold does not.
///
/// Nothing else makes libFuzzer keep the input: a finding, or a target that is set up wrongly, is a crash here, as in all
/// of these targets. No server has them.
func require(_ condition: Bool, _ what: @autoclosure () -> String) {
  if !condition { fatalError(what()) }
}
