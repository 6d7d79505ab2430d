import DNSWire
import SteeringPolicy

/// Makes the reverse zones of a `SteeringZone`: for each address that its routes are answered with, in some view or all,
/// a name with a PTR record for each host name (RFC 1035 §3.5, RFC 3596 §2.5).
///
/// Who may not see a host name with that address does not see its PTR record.
struct ReverseBuilder {
  /// A host name, where its route answers with an address, and for how long.
  private struct Pointer: Hashable {
    var route: UInt32
    var variant: UInt32
    var hostname: DomainName
    var ttl: UInt32
  }

  private var pointers: [IPAddress: [Pointer]] = [:]

  /// The pointers to a zone's host names.
  init(_ zone: SteeringZone, hostnames: [(name: DomainName, route: Int)], in compiled: CompiledPolicy) {
    guard !zone.reverseBlocks.isEmpty else { return }
    var variants: [UInt32: Set<UInt32>] = [:]
    for (route, variant) in compiled.ownVariants.enumerated() { variants[UInt32(route), default: []].insert(variant) }
    for (route, variant) in zip(compiled.rules.routes, compiled.rules.variants) {
      variants[route, default: []].insert(variant)
    }
    for (hostname, route) in hostnames {
      for variant in (variants[UInt32(route)] ?? []).sorted() {
        let pointer = Pointer(
          route: UInt32(route), variant: variant, hostname: hostname, ttl: compiled.routes[route].ttl ?? zone.ttl)
        for address in compiled.addresses(of: variant) { pointers[address, default: []].append(pointer) }
      }
    }
  }

  /// Adds the names of a block to its reverse zone.
  func add(_ block: IPBlock, to draft: inout ZoneDraft, _ compiled: inout CompiledPolicy) {
    for (address, found) in pointers.sorted(by: { $0.key < $1.key }) where block.contains(address) {
      let index = draft.index(of: IPBlock(address).reverseName)
      let first = UInt32(compiled.pointers.count)
      // Routes that share an address have one RRset in the end, so one TTL (RFC 2181 §5.2).
      let ttl = found.map(\.ttl).min() ?? 0
      for pointer in found {
        let record = compiled.append(
          RecordEncoder.encode(.ptr, ttl: ttl, rdata: pointer.hostname.wire))
        compiled.pointers.append(
          PointerRecord(route: pointer.route, variant: pointer.variant, record: record))
      }
      draft.names[index].node.pointers = first..<UInt32(compiled.pointers.count)
    }
  }
}

extension CompiledPolicy {
  /// The addresses of a variant, in order.
  fileprivate func addresses(of variant: UInt32) -> [IPAddress] {
    let variant = variants[Int(variant)]
    return [variant.a, variant.aaaa].filter { $0 != Node.none }.flatMap { index in
      let rrset = rrsets[Int(index)]
      // Records of one address family are of one size.
      let size = Int(rrset.length) / max(Int(rrset.count), 1)
      return (0..<Int(rrset.count)).compactMap { record in
        let start = Int(rrset.start) + record * size
        return IPAddress(octets: octets[(start + RecordEncoder.headerSize)..<(start + size)])
      }
    }
  }
}
