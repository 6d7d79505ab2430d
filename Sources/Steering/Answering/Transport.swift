/// What a message came over, as far as the answer depends on it.
public enum Transport: Sendable {
  /// Datagrams: the answer must fit what the client can take.
  case udp
  /// A stream: the answer may have 65,535 octets.
  case tcp
}
