import DNSWire
import Testing
import ZoneFiles

/// What the text of a master file means (RFC 1035 §5.1, RFC 2308 §4).
@Suite struct ZoneTextTests {
  @Test func namesAreRelativeToTheOrigin() throws {
    let zone = try load(
      """
      www A 10.0.0.1
      www.example. A 10.0.0.2
      $ORIGIN sub
      @ A 10.0.0.3
      www A 10.0.0.4
      $ORIGIN deep.sub.example.
      *.x A 10.0.0.5
      y CNAME @
      """)
    #expect(codes(zone) == [])
    #expect(
      lines(zone) == [
        "www.example. 60 A 0a000001", "www.example. 60 A 0a000002", "sub.example. 60 A 0a000003",
        "www.sub.example. 60 A 0a000004", "*.x.deep.sub.example. 60 A 0a000005",
        "y.deep.sub.example. 60 CNAME 0464656570" + "03737562" + "076578616d706c6500",
      ])
  }

  @Test func blanksStandForTheOwnerBefore() throws {
    let zone = try load("www A 10.0.0.1\n\tA 10.0.0.2\n\n ; comment\n  5 IN TXT \"a\"\n")
    #expect(codes(zone) == [])
    #expect(
      lines(zone) == ["www.example. 60 A 0a000001", "www.example. 60 A 0a000002", "www.example. 5 TXT 0161"])
  }

  @Test func classAndTTLComeInEitherOrderAndCase() throws {
    let zone = try load("a 1h in a 10.0.0.1\nb IN 1h30m A 10.0.0.1\nc CLASS1 type1 10.0.0.1\nin a 10.0.0.1")
    #expect(codes(zone) == [])
    #expect(
      lines(zone) == [
        "a.example. 3600 A 0a000001", "b.example. 5400 A 0a000001", "c.example. 60 A 0a000001",
        "in.example. 60 A 0a000001",
      ])
  }

  @Test func parenthesesSpanLinesAndRecordsStandWhereTheyStart() throws {
    let zone = try load([
      "zones/a.zone": "; one\n@ 60 IN SOA ns1 admin (\n 1 ; serial\n\n 1h 10m\n 1w 5 )\n@ 60 NS ns1.other."
    ])
    #expect(codes(zone) == [])
    #expect(zone.records.map(\.line) == [2, 7])
    #expect(zone.records.first?.record.rdata.suffix(4) == [0, 0, 0, 5])
  }

  @Test func escapesAndQuotesAreResolved() throws {
    let zone = try load(
      #"""
      a\.b A 10.0.0.1
      \065\@ A 10.0.0.1
      \@ CNAME \@
      t TXT "x;y(z)\"q\\" un\;quoted \100\000 "" "é"
      """#)
    #expect(codes(zone) == [])
    #expect(
      lines(zone) == [
        #"a\.b.example. 60 A 0a000001"#, #"a\@.example. 60 A 0a000001"#,
        #"\@.example. 60 CNAME 0140076578616d706c6500"#,
        "t.example. 60 TXT " + "09783b79287a2922715c" + "09756e3b71756f746564" + "026400" + "00" + "02c3a9",
      ])
  }

  @Test func lineEndsMayBeDOSOnesAndTheLastMayBeMissing() throws {
    let text = (head + "www A 10.0.0.1\n\n  A 10.0.0.2 ; end").replacing("\n", with: "\r\n")
    let zone = try load(["zones/a.zone": "\u{FEFF}" + text])
    #expect(codes(zone) == [])
    #expect(zone.records.map(\.line) == [2, 3, 4, 5, 7])
  }

  @Test func aRecordWithoutTTLGetsTheLastOneStatedWhereThereIsNoDirective() throws {
    let zone = try load([
      "zones/a.zone":
        "@ SOA ns1 admin 1 2 3 4 7\n@ NS a\na 30 A 10.0.0.1\nb A 10.0.0.1\n$TTL 9\nc A 10.0.0.1"
    ])
    #expect(codes(zone) == [])
    #expect(zone.records.map(\.record.ttl) == [7, 7, 30, 30, 9])
    let first = try load(["zones/a.zone": "@ NS ns1\n@ SOA ns1 admin 1 2 3 4 7\n"])
    #expect(first.records.map(\.record.ttl) == [3_600, 7])
  }

  @Test func duplicatesCollapseWhateverTheirCaseAndTTL() throws {
    let zone = try load("a 10 NS Ns1.Example.\nA 5 NS ns1\na 10 NS ns1")
    #expect(codes(zone) == ["6 zone-ttl-mismatch"])
    #expect(zone.isUsable)
    #expect(lines(zone) == ["a.example. 5 NS 036e7331076578616d706c6500"])
  }

  @Test func differentTTLsOfAnRRsetBecomeTheLowest() throws {
    let zone = try load("a 10 A 10.0.0.1\na 30 A 10.0.0.2\na 5 A 10.0.0.3\na 50 TXT x")
    #expect(codes(zone) == ["6 zone-ttl-mismatch"])
    #expect(zone.records.dropFirst(3).map(\.record.ttl) == [5, 5, 5, 50])
  }

  @Test func DNSSECDataMayStandBesideACNAME() throws {
    let zone = try load(
      """
      a CNAME ns1
      a NSEC b CNAME NSEC RRSIG
      a RRSIG CNAME 8 2 60 20300101000000 20200101000000 1 example. AQPSKmyn
      """)
    #expect(codes(zone) == [])
    #expect(zone.records.count == 6)
  }
}
