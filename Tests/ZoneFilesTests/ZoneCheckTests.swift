import DNSWire
import Testing
import ZoneFiles

/// Where the checks of a whole zone draw the line; the plain faults are in `Fixtures`.
@Suite struct ZoneCheckTests {
  @Test(arguments: [
    "sub NS ns.sub\nns.sub A 10.0.0.1", "sub NS ns.sub\nns.sub AAAA fd00::1", "sub NS sub\nsub A 10.0.0.1",
    "sub NS ns.other.\nsub NS ns1", "sub NS a.b.w\n*.w A 10.0.0.1", "sub NS ns.deep.sub\nns.deep.sub A 10.0.0.1",
    "@ MX 0 .", "@ MX 10 nowhere", "@ MX 10 mail.sub\nsub NS ns1", "_x._tcp SRV 0 0 0 .", "a CNAME nowhere",
    "@ DNAME other.\n@ A 10.0.0.1\n", "d DNAME other.\nd A 10.0.0.1\nd MX 10 ns1\nx.y DNAME other.\nxd A 10.0.0.1",
    "d DNAME other.\nd DNAME Other.", "*.d DNAME other.\nd A 10.0.0.1",
  ])
  func whatLeadsSomewhereIsNoFault(text: String) throws {
    // A DNAME record of the apex leaves no room for a name server in the zone.
    let head =
      text.contains("@ DNAME")
      ? head.replacing("ns1 A 10.0.0.53\n", with: "").replacing("NS ns1", with: "NS ns.other.") : head
    #expect(codes(try load(["zones/a.zone": head + text])) == [])
  }

  @Test(arguments: [
    // An address at the wildcard does not help a name that has records.
    ("sub NS a.w\n*.w A 10.0.0.1\na.w TXT x", "5 zone-ns-without-address"),
    // The nearer wildcard stands for the name.
    ("sub NS a.w\n*.w TXT x\n*.example. A 10.0.0.1", "5 zone-ns-without-address"),
    // Glue of a name server that is itself delegated away.
    ("sub NS ns.sub\nns.sub CNAME ns1", "5 zone-missing-glue"),
    ("sub NS ns.sub\nns.sub NS ns1\n", "5 zone-missing-glue"),
    // A target may be a wildcard, and one that others share.
    ("sub NS *.a.w\nw DNAME other.", "5 zone-alias-target"),
    ("sub NS *.a.w\nsub NS b.a.w\nw NS ns1", "5 zone-missing-glue 6 zone-missing-glue"),
    ("d DNAME other.\na.b.d A 10.0.0.1", "6 zone-below-dname"),
    ("d DNAME other.\nsub.d DNAME other.", "6 zone-below-dname"),
    ("d DNAME a.\nd DNAME b.\nd DNAME c.", "6 zone-several-dname 7 zone-several-dname"),
  ])
  func whatLeadsNowhereIsOne(text: String, expected: String) throws {
    #expect(codes(try load(text)).joined(separator: " ") == expected)
  }

  @Test func whatIsMissingIsNotJudgedWhereAnEntryCannotBeRead() throws {
    let zone = try load("sub NS ns.sub\nsub2 NS ns2\nsub3 NS alias\nalias CNAME ns1\nns.sub A 10.0.0\n")
    #expect(codes(zone) == ["9 zone-syntax", "7 zone-alias-target"])
  }

  @Test func anRRsetMayFillAMessageAndNoMore() throws {
    // Header 12, question 11 + 4, OPT record 11, and of each of two records 12 beside its data.
    let room = 65_535 - 12 - 15 - 11 - 2 * 12
    let first = 30_000
    for (excess, faults) in [(0, []), (1, ["6 zone-rrset-too-large"])] {
      let texts = [first, room - first + excess].enumerated().map { index, length in
        "x TYPE65534 \\# \(length) \(String(repeating: "0\(index)", count: length))\n"
      }
      #expect(codes(try load(texts.joined())) == faults)
    }
  }

  @Test func faultsOfEveryRecordAreBoundedByTheLimit() throws {
    let names = (0..<500).map { "n\($0).d A 10.0.0.1\nsub\($0) NS ns.sub\($0)\n" }.joined()
    let zone = try load("d DNAME other.\n" + names)
    #expect(zone.faults.filter { $0.code == .belowDNAME }.count == 100)
    #expect(zone.faults.filter { $0.code == .missingGlue }.count == 100)
  }
}
