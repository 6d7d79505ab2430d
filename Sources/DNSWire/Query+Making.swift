extension Query {
  /// A query in wire format: RD clear, class IN, an empty OPT of 1,232 octets and version 0 if `edns`.
  public static func message(
    id: UInt16 = 0, name: DomainName, type: RecordType, edns: Bool = true
  ) -> [UInt8] {
    var octets: [UInt8] = [
      UInt8(truncatingIfNeeded: id >> 8), UInt8(truncatingIfNeeded: id), 0, 0, 0, 1, 0, 0, 0, 0, 0, edns ? 1 : 0,
    ]
    octets += name.wire
    octets += [
      UInt8(truncatingIfNeeded: type.rawValue >> 8), UInt8(truncatingIfNeeded: type.rawValue), 0, 1,
    ]
    if edns { octets += [0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0] }
    return octets
  }
}
