import DNSWire
import KubernetesAPI
import Steering
import SteeringPolicy
import TestSupport
import Testing

@testable import Control

/// The table against a model that keeps everything it was told and thinks about each address anew.
@Suite struct PodTableModelTests {
  private struct Model {
    struct Known {
      var pod: Pod
      /// Per address when it was told of.
      var claims: [IPAddress: Int]
      var isTold = true
    }

    var pods: [NamespacedName: Known] = [:]
    var base: [IPAddress: String] = [:]
    var restored: [IPAddress: String] = [:]
    var isListing = false
    private var claims = 0

    mutating func apply(_ change: Change<Pod>) {
      switch change {
      case .relisting:
        isListing = true
        for name in pods.keys { pods[name]?.isTold = false }
      case .applied(let pod): put(pod)
      case .deleted(let pod):
        guard let known = pods[pod.podName] else { return }
        if known.pod.uid == pod.uid || known.pod.created < pod.created { pods[pod.podName] = nil }
      case .synchronized:
        if isListing { pods = pods.filter(\.value.isTold) }
        isListing = false
        restored = [:]
      case .heard, .lost: break
      }
    }

    private mutating func put(_ pod: Pod) {
      let old = pods[pod.podName]
      if let old, old.pod.uid != pod.uid, old.pod.created > pod.created, old.isTold { return }
      var known = Known(pod: pod, claims: [:])
      for address in pod.ownAddresses {
        claims += 1
        let isHeldOn = old?.pod.uid == pod.uid && old?.pod.networked == pod.networked
        known.claims[address] = (isHeldOn ? old?.claims[address] : nil) ?? claims
      }
      pods[pod.podName] = known
    }

    func owner(of address: IPAddress) -> String? {
      let holders = pods.values.compactMap { known in known.claims[address].map { (known.pod, $0) } }
      let newest = holders.max { ($0.0.networked, $0.1) < ($1.0.networked, $1.1) }
      return (newest?.0.podName.description) ?? base[address] ?? restored[address]
    }
  }

  private static let addresses = (0..<UInt32(40)).flatMap {
    [IPAddress(v4: 0x0A00_0000 + $0), IPAddress(high: 0xFD00 << 48, low: UInt64($0 + 1))]
  }

  /// A pod of one of 30 names; of one UID the creation is the same each time.
  private static func pod(_ generator: inout SeededGenerator) -> Pod {
    let name = Int.random(in: 0..<30, using: &generator)
    let uid = Int.random(in: 0..<4, using: &generator)
    var pod = Pod(
      namespace: "team-\(name % 3)", name: "pod-\(name)", uid: "\(uid)",
      // Some are made in one second.
      created: Int64(uid / 2), serviceAccount: "account-\(name % 2)")
    // A network that is set up anew, and some in one second.
    pod.networked += Int64.random(in: 0..<3, using: &generator)
    pod.isTerminated = Int.random(in: 0..<6, using: &generator) == 0
    pod.isOnHostNetwork = Int.random(in: 0..<10, using: &generator) == 0
    pod.addresses = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      addresses.randomElement(using: &generator)?.description ?? ""
    }
    pod.nodeAddresses = ["192.0.2.\(Int.random(in: 0..<5, using: &generator))"]
    return pod
  }

  private static func changes(_ model: Model, _ generator: inout SeededGenerator) -> [Change<Pod>] {
    (0..<Int.random(in: 1...12, using: &generator)).flatMap { _ -> [Change<Pod>] in
      switch Int.random(in: 0..<40, using: &generator) {
      case 0: return [.relisting]
      case 1: return [.synchronized]
      case 2:
        // A list, whole, in any order, of some of what is there and of news.
        let told = model.pods.values.map(\.pod).filter { _ in Bool.random(using: &generator) } + [pod(&generator)]
        return [.relisting] + told.sorted { $0.uid < $1.uid }.shuffled(using: &generator).map(Change.applied)
          + [.synchronized]
      case 3..<10: return [.deleted(pod(&generator))]
      case 10..<14:
        let known = model.pods.values.map(\.pod).min { "\($0.podName)" < "\($1.podName)" }
        return known.map { [.deleted($0), .deleted($0)] } ?? []
      case 14..<17:
        return model.pods.values.map(\.pod).max { "\($0.podName)" < "\($1.podName)" }.map { [.applied($0)] } ?? []
      default: return [.applied(pod(&generator))]
      }
    }
  }

  @Test(arguments: 0..<12) func everyAddressIsWhoseTheModelSays(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var table = PodTable()
    var model = Model()
    let before = (0..<10).map { _ in Self.pod(&generator) }
    table.restore(before)
    for pod in before {
      for address in pod.ownAddresses { model.restored[address] = pod.podName.description }
    }
    for round in 0..<250 {
      let changes = Self.changes(model, &generator)
      let version = table.version
      let isChanged = table.apply(changes)
      for change in changes { model.apply(change) }
      if round % 25 == 0 {
        let address = try #require(Self.addresses.randomElement(using: &generator))
        let machine = Inventory.Pod(
          name: NamespacedName(namespace: "team-0", name: "pod-\(round % 30)"), serviceAccount: "vm",
          addresses: [address])
        table.replaceBase([machine], nodes: [])
        model.base = [address: machine.name.description]
      } else if !isChanged {
        #expect(table.version == version)
      }
      #expect(table.count == model.pods.count)
      for address in Self.addresses {
        let owner = table.index.owner(of: address)?.podName.description
        try #require(owner == model.owner(of: address), "seed \(seed), round \(round), \(address): \(changes)")
      }
      let nodes = Set(
        (model.pods.values.map(\.pod) + (table.isSynchronized ? [] : before)).flatMap {
          $0.nodeAddresses.compactMap(IPAddress.init)
            + ($0.isOnHostNetwork ? $0.addresses.compactMap(IPAddress.init) : [])
        })
      #expect(table.index.nodes == nodes)
    }
  }
}

extension Pod {
  fileprivate var podName: NamespacedName { NamespacedName(namespace: namespace, name: name) }

  /// The first address of each family.
  fileprivate var addressPair: [IPAddress] {
    let addresses = addresses.compactMap(IPAddress.init)
    return [addresses.first(where: \.isIPv4), addresses.first { !$0.isIPv4 }].compactMap(\.self)
  }

  fileprivate var ownAddresses: [IPAddress] { isTerminated || isOnHostNetwork ? [] : addressPair }
}
