import DNSWire
import Foundation
import Testing
import ZoneFiles

/// Every master file in `Fixtures` says in its first lines what faults it has: `; expect: LINE CODE`.
@Suite struct FaultyZoneTests {
  static let names: [String] = {
    let folder = fixtures?.path ?? ""
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.hasSuffix(".zone") }.sorted()
  }()

  /// The faults despite which a zone is served.
  private static let warnings: Set<ZoneFaultCode> = [
    .ttlMismatch, .dnameAtDelegation, .missingGlue, .serverWithoutAddress, .aliasTarget,
  ]

  @Test(arguments: names)
  func faultsAreFoundWhereTheyStand(name: String) throws {
    let url = try #require(fixtures).appending(path: name)
    let marker = "; expect: "
    let expected = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix(marker) }.map { String($0.dropFirst(marker.count)) }
    #expect(!expected.isEmpty)
    let zone = load(url, origin: try DomainName("example."))
    #expect(codes(zone) == expected, "\(zone.faults)")
    for fault in zone.faults {
      #expect(fault.isWarning == Self.warnings.contains(fault.code))
      #expect(!fault.message.isEmpty && fault.message.utf8.allSatisfy { $0 >= 0x20 })
    }
  }

  @Test func everyCodeHasAFixture() throws {
    let expected = try Self.names.flatMap { name in
      try String(contentsOf: #require(fixtures).appending(path: name), encoding: .utf8)
        .split(separator: "\n").filter { $0.hasPrefix("; expect: ") }
        .compactMap { $0.split(separator: " ").last.map(String.init) }
    }
    // A fixture cannot be a file that is not there.
    let missing = Set(ZoneFaultCode.allCases.map(\.rawValue)).subtracting(expected)
    #expect(missing == [ZoneFaultCode.unreadable.rawValue])
  }

  @Test func aFileThatCannotBeReadIsAFaultOfItsOwn() throws {
    #expect(codes(try load([:])) == ["1 zone-file"])
  }

  @Test func messagesShowTheEntryAndTheRemedy() throws {
    let fault = try #require(try load("$GENERATE 1-9 host$ A 10.0.0.$").faults.first)
    #expect(
      fault.description == "zones/a.zone:5: error: $GENERATE is not a directive; there are $ORIGIN, $TTL and "
        + "$INCLUDE — in: $GENERATE 1-9 host$ A 10.0.0.$ [zone-syntax]")
  }

  @Test func anEmptyFileHasNeitherSOANorNS() throws {
    for text in ["", "\n", "; nothing", " \n\t\r\n"] {
      #expect(codes(try load(["zones/a.zone": text])) == ["1 zone-without-soa", "1 zone-without-ns"])
    }
  }

  @Test func noMoreFaultsAreReportedThanTheLimit() throws {
    let zone = try load(String(repeating: "x A nonsense\n", count: 500))
    #expect(zone.faults.count == 100)
  }
}
