import DNSWire
import KubernetesAPI
import Steering
import SteeringPolicy
import Testing

@testable import Control

@Suite struct PodTableTests {
  private static func pod(
    _ name: String, uid: String? = nil, at created: Int64 = 0, account: String = "default", _ addresses: String...
  ) -> Pod {
    Pod(
      namespace: "team-a", name: name, uid: uid ?? "uid of \(name)", created: created, serviceAccount: account,
      addresses: addresses, nodeAddresses: ["192.0.2.1"])
  }

  private static func ended(_ pod: Pod) -> Pod {
    var pod = pod
    pod.isTerminated = true
    return pod
  }

  /// A table, by reference: an expectation may change it.
  @dynamicMemberLookup
  private final class Table {
    var value = PodTable()

    func apply(_ changes: [Change<Pod>]) -> Bool { value.apply(changes) }
    func replaceBase(_ pods: [Inventory.Pod], nodes: [IPAddress]) -> Bool { value.replaceBase(pods, nodes: nodes) }
    func restore(_ pods: [Pod]) -> Bool { value.restore(pods) }

    subscript<Value>(dynamicMember path: KeyPath<PodTable, Value>) -> Value { value[keyPath: path] }
  }

  /// A table that was told all of `pods`, and nothing else.
  private static func table(_ pods: Pod...) -> Table {
    let table = Table()
    _ = table.apply([.relisting] + pods.map(Change.applied) + [.synchronized])
    return table
  }

  private func owner(of address: String, in table: Table) throws -> String? {
    table.index.owner(of: try #require(IPAddress(address)))?.name
  }

  @Test func aPodIsKnownByEachOfItsAddresses() throws {
    let table = Self.table(Self.pod("api", account: "web", "10.0.0.1", "fd00::1"))
    for address in ["10.0.0.1", "fd00::1"] {
      let address = try #require(IPAddress(address))
      let owner = try #require(table.index.owner(of: address))
      #expect(owner.podName == NamespacedName(namespace: "team-a", name: "api"))
      #expect(owner.identity.serviceAccount == "web")
    }
    #expect(table.count == 1 && table.index.count == 2 && table.isSynchronized)
  }

  @Test func thePodsAreNotSynchronizedBeforeAllOfThemWereTold() throws {
    let table = Table()
    #expect(table.apply([.relisting, .applied(Self.pod("api", "10.0.0.1"))]))
    #expect(try owner(of: "10.0.0.1", in: table) == "api" && !table.isSynchronized)
    #expect(table.apply([.synchronized]) && table.isSynchronized)
    #expect(!table.apply([.lost("no route"), .heard, .relisting]) && table.isSynchronized)
  }

  @Test func whatChangesNothingIsNoChange() {
    let table = Self.table(Self.pod("api", "10.0.0.1"))
    let version = table.version
    #expect(!table.apply([.applied(Self.pod("api", "10.0.0.1")), .heard]))
    #expect(!table.apply([.relisting, .applied(Self.pod("api", "10.0.0.1")), .synchronized]))
    #expect(!table.apply([.applied(Self.pod("waiting for an address"))]))
    #expect(table.version == version)
  }

  @Test func aPodThatEndedGivesItsAddressesBack() throws {
    let job = Self.pod("job", "10.0.0.1")
    let table = Self.table(job)
    #expect(table.apply([.applied(Self.ended(job))]))
    #expect(try owner(of: "10.0.0.1", in: table) == nil)
    #expect(table.count == 1)
  }

  @Test func aPodThatAListTellsOfTakesThePlaceOfOneThatItDoesNotTellOfWhateverTheirTimes() throws {
    let table = Self.table(Self.pod("db-0", uid: "one", at: 5, "10.0.0.1"))
    #expect(table.apply([.relisting, .applied(Self.pod("db-0", uid: "two", at: 3, "10.0.0.2")), .synchronized]))
    #expect(try owner(of: "10.0.0.2", in: table) == "db-0")
    #expect(try owner(of: "10.0.0.1", in: table) == nil)
    #expect(table.count == 1)
  }

  @Test func podsOnTheHostNetworkAreNodesOnly() throws {
    var pod = Self.pod("proxy", "192.0.2.7")
    pod.isOnHostNetwork = true
    let table = Self.table(pod)
    #expect(try owner(of: "192.0.2.7", in: table) == nil)
    #expect(table.index.nodes == [IPAddress(v4: 0xC000_0201), IPAddress(v4: 0xC000_0207)])
  }

  @Test func aNodeGoesWithItsLastPod() throws {
    var other = Self.pod("other", "10.0.0.3")
    other.nodeAddresses = ["192.0.2.2", "fd00::2"]
    let table = Self.table(Self.pod("one", "10.0.0.1"), Self.pod("two", "10.0.0.2"), other)
    #expect(table.index.nodes.count == 3)
    #expect(table.apply([.deleted(other)]))
    _ = table.apply([.deleted(Self.pod("one", "10.0.0.1"))])
    #expect(table.index.nodes == [IPAddress(v4: 0xC000_0201)])
    #expect(table.apply([.deleted(Self.pod("two", "10.0.0.2"))]) && table.index.nodes.isEmpty)
  }

  @Test func anAddressInTwoPodsIsTheNewerOnes() throws {
    let old = Self.pod("old", at: 1, "10.0.0.1")
    let new = Self.pod("new", at: 2, "10.0.0.1")
    #expect(try owner(of: "10.0.0.1", in: Self.table(old, new)) == "new")
    #expect(try owner(of: "10.0.0.1", in: Self.table(new, old)) == "new")
    let table = Self.table(new, old)
    #expect(table.apply([.deleted(new)]))
    #expect(try owner(of: "10.0.0.1", in: table) == "old")
  }

  @Test func aPodThatWaitedForItsNetworkHasTheAddressOfOneThatWasMadeLater() throws {
    var waited = Self.pod("waited", at: 1, "10.0.0.1")
    waited.networked = 5
    let dead = Self.pod("dead", at: 3, "10.0.0.1")
    #expect(try owner(of: "10.0.0.1", in: Self.table(waited, dead)) == "waited")
    #expect(try owner(of: "10.0.0.1", in: Self.table(dead, waited)) == "waited")
  }

  @Test func anAddressChangesHandsWhenANodeThatStartsAgainSetsUpItsPodsAnew() throws {
    var first = Self.pod("first", at: 1, "10.0.0.1")
    let second = Self.pod("second", at: 2, "10.0.0.2")
    let table = Self.table(first, second)
    // The node has given the second one's address to the first; of the second it has not told yet.
    (first.addresses, first.networked) = (["10.0.0.2"], 9)
    #expect(table.apply([.applied(first)]))
    #expect(try owner(of: "10.0.0.2", in: table) == "first" && owner(of: "10.0.0.1", in: table) == nil)
    // A pod whose network is set up once more has an address by the later right, and loses it again without.
    var third = Self.pod("third", at: 3, "10.0.0.2")
    #expect(!table.apply([.applied(third)]))
    third.networked = 10
    #expect(table.apply([.applied(third)]))
    #expect(try owner(of: "10.0.0.2", in: table) == "third")
    third.networked = 3
    #expect(table.apply([.applied(third)]))
    #expect(try owner(of: "10.0.0.2", in: table) == "first")
  }

  @Test func ofPodsOfOneAgeTheOneToldLaterHasTheAddress() throws {
    let table = Self.table(Self.pod("first", "10.0.0.1"), Self.pod("second", "10.0.0.1"))
    #expect(try owner(of: "10.0.0.1", in: table) == "second")
    // Told again it has no claim that it did not have.
    #expect(!table.apply([.applied(Self.pod("first", "10.0.0.1"))]))
    #expect(try owner(of: "10.0.0.1", in: table) == "second")
  }

  @Test func aPodMadeAnewUnderItsNameTakesTheOldOnesPlace() throws {
    let table = Self.table(Self.pod("db-0", uid: "a", at: 1, "10.0.0.1"))
    _ = table.apply([.applied(Self.pod("db-0", uid: "b", at: 2, "10.0.0.2"))])
    #expect(try owner(of: "10.0.0.1", in: table) == nil && owner(of: "10.0.0.2", in: table) == "db-0")
    // What is told late of the first must not take the second away.
    #expect(
      !table.apply([
        .deleted(Self.pod("db-0", uid: "a", at: 1, "10.0.0.1")),
        .applied(Self.pod("db-0", uid: "a", at: 1, "10.0.0.1")),
      ]))
    #expect(try owner(of: "10.0.0.2", in: table) == "db-0")
  }

  @Test func aListEndsWhatItDoesNotTellOfAndNotBefore() throws {
    let table = Self.table(Self.pod("one", "10.0.0.1"), Self.pod("two", "10.0.0.2"))
    _ = table.apply([.relisting, .applied(Self.pod("one", "10.0.0.1"))])
    #expect(try owner(of: "10.0.0.2", in: table) == "two")
    // A list that breaks off and starts anew tells nothing of what only its first try told.
    _ = table.apply([.relisting, .applied(Self.pod("three", "10.0.0.3")), .synchronized])
    #expect(try owner(of: "10.0.0.1", in: table) == nil && owner(of: "10.0.0.2", in: table) == nil)
    #expect(try owner(of: "10.0.0.3", in: table) == "three")
    #expect(table.count == 1)
  }

  @Test func addressesThatAreNoneAreLeftOut() throws {
    let table = Self.table(Self.pod("odd", "no address", "", "10.0.0.1", "10.0.0.2", "fe80::1%eth0", "0.0.0.0"))
    #expect(table.index.count == 1)
    #expect(try owner(of: "10.0.0.1", in: table) == "odd")
  }

  @Test func livePodsLieOverThoseOfFiles() throws {
    let address = IPAddress(v4: 0x0A00_0001)
    func machine(_ name: String) -> Inventory.Pod {
      Inventory.Pod(
        name: NamespacedName(namespace: "machines", name: name), serviceAccount: "vm", addresses: [address])
    }
    let table = Table()
    #expect(table.replaceBase([machine("vm")], nodes: []))
    #expect(try owner(of: "10.0.0.1", in: table) == "vm")
    _ = table.apply([.applied(Self.pod("api", "10.0.0.1"))])
    #expect(try owner(of: "10.0.0.1", in: table) == "api")
    #expect(!table.replaceBase([machine("vm2")], nodes: []))
    _ = table.apply([.deleted(Self.pod("api", "10.0.0.1"))])
    #expect(try owner(of: "10.0.0.1", in: table) == "vm2")
    #expect(table.replaceBase([], nodes: [address]))
    #expect(try owner(of: "10.0.0.1", in: table) == nil && table.index.nodes == [address])
  }

  @Test func whatWasKnownBeforeTheStartHoldsUntilTheLivePodsAreComplete() throws {
    let before = Self.table(
      Self.pod("stays", account: "web", "10.0.0.1", "fd00::1"), Self.pod("goes", "10.0.0.2"),
      Self.pod("moves", "10.0.0.3"))
    let kept = Array(before.index.told)
    let table = Table()
    #expect(table.restore(kept))
    #expect(
      Dictionary(uniqueKeysWithValues: table.index.entries.map { ($0.address, $0.owner) })
        == Dictionary(uniqueKeysWithValues: before.index.entries.map { ($0.address, $0.owner) }))
    #expect(table.index.nodes == before.index.nodes && !table.isSynchronized)
    _ = table.apply([.relisting, .applied(Self.pod("stays", account: "web", "10.0.0.1", "fd00::1"))])
    _ = table.apply([.applied(Self.pod("new", "10.0.0.3"))])
    #expect(try owner(of: "10.0.0.2", in: table) == "goes" && owner(of: "10.0.0.3", in: table) == "new")
    _ = table.apply([.synchronized])
    #expect(try owner(of: "10.0.0.1", in: table) == "stays" && owner(of: "fd00::1", in: table) == "stays")
    #expect(try owner(of: "10.0.0.2", in: table) == nil && owner(of: "10.0.0.3", in: table) == "new")
    #expect(!table.restore(kept))
  }
}
