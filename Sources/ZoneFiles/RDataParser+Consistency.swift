import DNSWire

extension RDataParser {
  /// Refuses data whose fields do not fit one another: other servers refuse a zone that has them, secondaries too.
  func requireConsistency(of octets: [UInt8]) throws(EntryFault) {
    switch type.rawValue {
    case 43, 59, 32_769: try requireDigest(of: octets)
    case 44: try requireFingerprint(of: octets)
    case 63: try requireZoneDigest(of: octets)
    case 64, 65: try requireParameters(of: octets)
    default: return
    }
  }

  /// DS, CDS and DLV: the digest has its type's size (RFC 4034 §5.1.3, RFC 4509, RFC 6605 §2).
  private func requireDigest(of octets: [UInt8]) throws(EntryFault) {
    // A CDS that asks for the removal of the DS has a digest of one zero octet (RFC 8078 §4).
    if type.rawValue == 59, octets == [0, 0, 0, 0, 0] { return }
    guard octets.count > 4 else { throw EntryFault("the digest is missing") }
    let sizes: [UInt8: Int] = [1: 20, 2: 32, 4: 48]
    try require(sizes[octets[3]], octets.count - 4, "the digest", "digest type \(octets[3])")
  }

  /// SSHFP: the fingerprint has its type's size (RFC 4255 §3.1.2, RFC 6594 §3).
  private func requireFingerprint(of octets: [UInt8]) throws(EntryFault) {
    guard octets.count > 2 else { throw EntryFault("the fingerprint is missing") }
    let sizes: [UInt8: Int] = [1: 20, 2: 32]
    try require(sizes[octets[1]], octets.count - 2, "the fingerprint", "fingerprint type \(octets[1])")
  }

  /// ZONEMD: the digest has its hash's size, 12 octets at the least (RFC 8976 §2.2.4).
  private func requireZoneDigest(of octets: [UInt8]) throws(EntryFault) {
    guard octets.count >= 18 else { throw EntryFault("the digest is shorter than 12 octets") }
    let sizes: [UInt8: Int] = [1: 48, 2: 64]
    try require(sizes[octets[5]], octets.count - 6, "the digest", "hash \(octets[5])")
  }

  private func require(_ size: Int?, _ count: Int, _ what: String, _ kind: String) throws(EntryFault) {
    guard let size, size != count else { return }
    throw EntryFault("\(what) has \(count) octets; that of \(kind) has \(size)")
  }

  /// SVCB and HTTPS: each value is of its key's form, what is mandatory is there, and who takes the default protocols
  /// away names others (RFC 9460 §7.1.1, §8).
  private func requireParameters(of octets: [UInt8]) throws(EntryFault) {
    var place = 2
    while place < octets.count, octets[place] != 0 { place += 1 + Int(octets[place]) }
    guard place < octets.count else { throw EntryFault("the target is missing") }
    let parameters = Array(octets[(place + 1)...])
    guard SvcParams.isValid(parameters) else {
      throw EntryFault("a parameter has a value that it cannot have, or none; see RFC 9460 §7 and §8")
    }
    let found = SvcParams.keys(of: parameters)
    if let missing = SvcParams.mandatoryKeys(of: parameters).first(where: { !found.contains($0) }) {
      throw EntryFault("mandatory names key\(missing), which is not there; add it, or take it out of the list")
    }
    guard !found.contains(2) || found.contains(1) else {
      throw EntryFault("no-default-alpn stands without alpn; say which protocols there are")
    }
  }
}
