import DNSWire
import Foundation
import SteeringPolicy
import Synchronization
import TestSupport
import Testing

@testable import Steering

@Suite struct PodIndexTests {
  private typealias Owner = PodIndex.Owner

  private static func owner(_ namespace: Int, _ account: Int = 0, pod: Int) -> Owner {
    Owner(
      PodIndex.Identity(namespace: "team-\(namespace)", serviceAccount: "account-\(account)"), name: "pod-\(pod)")
  }

  /// An address of 4,000 IPv4 and IPv6 addresses: few enough that they come again.
  private static func address(_ generator: inout SeededGenerator) -> IPAddress {
    let number = UInt32.random(in: 0..<2_000, using: &generator)
    return Bool.random(using: &generator)
      ? IPAddress(v4: 0x0A00_0000 + number) : IPAddress(high: 0xFD00 << 48, low: UInt64(number))
  }

  private static func change(_ generator: inout SeededGenerator) -> PodIndex.Change {
    let address = address(&generator)
    return switch Int.random(in: 0..<20, using: &generator) {
    case 0: .nodeAdded(address)
    case 1: .nodeRemoved(address)
    case 2..<9: .released(address)
    default:
      .assigned(
        address,
        to: owner(
          .random(in: 0..<50, using: &generator), .random(in: 0..<3, using: &generator),
          pod: .random(in: 0..<5_000, using: &generator)))
    }
  }

  @Test func everyIndexSaysWhatADictionaryOfItsChangesSays() {
    var generator = SeededGenerator(seed: 11)
    var index = PodIndex([])
    var owners: [IPAddress: Owner] = [:]
    var nodes: Set<IPAddress> = []
    // Older indexes must go on saying what they said, whatever became of the newer ones.
    var kept: [(index: PodIndex, owners: [IPAddress: Owner], nodes: Set<IPAddress>)] = []
    for round in 0..<400 {
      let changes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in Self.change(&generator) }
      for change in changes {
        switch change {
        case .assigned(let address, let owner): owners[address] = owner
        case .released(let address): owners[address] = nil
        case .nodeAdded(let address): nodes.insert(address)
        case .nodeRemoved(let address): nodes.remove(address)
        }
      }
      index = index.applying(changes)
      if round % 40 == 0 { kept.append((index, owners, nodes)) }
    }
    kept.append((index, owners, nodes))
    for (index, owners, nodes) in kept {
      #expect(index.count == owners.count)
      #expect(index.nodes == nodes)
      #expect(Dictionary(uniqueKeysWithValues: index.entries.map { ($0.address, $0.owner) }) == owners)
      for number in 0..<UInt32(2_000) {
        for address in [IPAddress(v4: 0x0A00_0000 + number), IPAddress(high: 0xFD00 << 48, low: UInt64(number))]
        where index.owner(of: address) != owners[address] {
          Issue.record("\(address) is of \(index.owner(of: address).debugDescription)")
        }
      }
    }
  }

  @Test func addressesThatComeAndGoLeaveNothingBehind() throws {
    var index = PodIndex([])
    // All in one shard: what goes must leave no gap before what stays.
    let addresses = (0..<UInt32(200_000)).map { IPAddress(v4: $0) }
      .filter { PodIndex.shard(of: PodShard.hash(of: $0)) == 7 }
    try #require(addresses.count > 100)
    for start in addresses.indices {
      index = index.applying([.assigned(addresses[start], to: Self.owner(0, pod: start))])
      if start >= 20 { index = index.applying([.released(addresses[start - 20])]) }
      for place in addresses.indices {
        #expect((index.owner(of: addresses[place]) != nil) == (max(start - 19, 0)...start ~= place))
      }
      if start == 150 { break }
    }
  }

  @Test func identitiesThatNoPodHasAnyMoreAreLetGo() {
    var index = PodIndex([])
    let address = IPAddress(v4: 0x0A00_0001)
    let stays = IPAddress(v4: 0x0A00_0002)
    index = index.applying([.assigned(stays, to: Self.owner(-1, pod: 1))])
    for namespace in 0..<10_000 {
      index = index.applying([.assigned(address, to: Self.owner(namespace, pod: 1))])
    }
    #expect(index.identities.count < 2_000)
    #expect(index.owner(of: address) == Self.owner(9_999, pod: 1))
    #expect(index.owner(of: stays) == Self.owner(-1, pod: 1))
  }

  @Test func aSnapshotKnowsTheClassOfEveryIdentityHoweverItsPodsCame() throws {
    let snapshot = try TestPolicy.snapshot(TestPolicy.minimal)
    var generator = SeededGenerator(seed: 5)
    var extended = snapshot
    var index = snapshot.pods
    for round in 0..<3_000 {
      let identity = PodIndex.Identity(
        namespace: ["team-a", "team-b", "other-\(round)"].randomElement(using: &generator) ?? "",
        serviceAccount: "account-\(Int.random(in: 0..<2_000, using: &generator))")
      let address = IPAddress(v4: 0x0A09_0000 + .random(in: 0..<500, using: &generator))
      // Now and then one that is made of an older index, whose identities have other numbers from there on.
      let base = round % 7 == 0 ? snapshot.pods : index
      index = base.applying([.assigned(address, to: Owner(identity, name: "pod"))])
      extended = extended.replacing(pods: index, areSynchronized: true)
      let entry = try #require(index.entry(of: address))
      let expected = snapshot.policy.classOf(namespace: identity.namespace, serviceAccount: identity.serviceAccount)
      #expect(extended.identities.classes[index.identity(ofEntry: entry)] == expected)
      #expect(extended.identities.classes.count == index.identities.count)
    }
    #expect(extended.generation == snapshot.generation)
  }

  @Test func podsOfAForwardersAccountAreTrustedAsSoonAsTheyAreKnown() throws {
    let snapshot = try TestPolicy.snapshot(
      TestPolicy.minimal.replacing(
        "spec: {zone: steer.test}",
        with: """
          spec:
            zone: steer.test
            identity:
              trustedForwarders:
              - serviceAccount: {namespace: kube-system, name: coredns}
              sources: ["edns-client-ip:65518", source-address]
          """))
    let forwarder = IPAddress(v4: 0x0A00_0035)
    #expect(!snapshot.trust(in: forwarder, by: 0).isForwarder)
    let owner = Owner(PodIndex.Identity(namespace: "kube-system", serviceAccount: "coredns"), name: "coredns-1")
    let strangers = (0..<10).map {
      PodIndex.Change.assigned(IPAddress(v4: 0x0A00_0100 + UInt32($0)), to: Self.owner($0, pod: $0))
    }
    let known = snapshot.replacing(
      pods: snapshot.pods.applying(strangers + [.assigned(forwarder, to: owner)]), areSynchronized: true)
    #expect(known.trust(in: forwarder, by: 0).isForwarder)
    #expect(!known.trust(in: IPAddress(v4: 0x0A00_0103), by: 0).isForwarder)
    let later = known.replacing(
      pods: known.pods.applying([.assigned(IPAddress(v4: 0x0A00_0200), to: Self.owner(77, pod: 1))]),
      areSynchronized: true)
    #expect(later.trust(in: forwarder, by: 0).isForwarder)
    #expect(!later.trust(in: IPAddress(v4: 0x0A00_0200), by: 0).isForwarder)
    let gone = later.replacing(pods: later.pods.applying([.released(forwarder)]), areSynchronized: true)
    #expect(!gone.trust(in: forwarder, by: 0).isForwarder)
  }

  private final class Shared: Sendable {
    let latest: Mutex<(index: PodIndex, round: Int)>
    let faults = Atomic(0)

    init(_ index: PodIndex) {
      latest = Mutex((index, 0))
    }
  }

  /// Threads that look addresses up, as workers do, while another makes index of index.
  @Test func readersOfOldIndexesAreNotDisturbed() async {
    let addresses = (0..<UInt32(3_000)).map { IPAddress(v4: 0x0A00_0000 + $0) }
    let first = PodIndex([]).applying(addresses.map { .assigned($0, to: Self.owner(0, pod: 0)) })
    let shared = Shared(first)
    await withTaskGroup { group in
      for _ in 0..<2 {
        group.addTask {
          while true {
            let (index, round) = shared.latest.withLock { $0 }
            // Every address is of the round or of the one before: rounds give all addresses away, half and half.
            let names = ["pod-\(round)", "pod-\(round - 1)"]
            for address in addresses where !names.contains(index.owner(of: address)?.name ?? "") {
              shared.faults.add(1, ordering: .relaxed)
            }
            if round == 60 { return }
            await Task.yield()
          }
        }
      }
      for round in 1...60 {
        let half = addresses.enumerated().filter { $0.offset % 2 == round % 2 }.map(\.element)
        shared.latest.withLock {
          let changes = half.map { PodIndex.Change.assigned($0, to: Self.owner(round % 5, pod: round)) }
          $0 = ($0.index.applying(changes), round)
        }
        await Task.yield()
      }
    }
    #expect(shared.faults.load(ordering: .relaxed) == 0)
  }
}
