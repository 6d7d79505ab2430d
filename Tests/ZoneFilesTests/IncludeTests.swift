import DNSWire
import Testing
import ZoneFiles

/// `$INCLUDE` (RFC 1035 §5.1).
@Suite struct IncludeTests {
  @Test func pathsAreRelativeToTheIncludingFile() throws {
    let zone = try load([
      "zones/a.zone": head + "$INCLUDE sub/b.zone ; comment\n$include \"sub/./x y.zone\"\nlast A 10.0.0.9\n",
      "zones/sub/b.zone": "\n\nb A 10.0.0.1\n$INCLUDE c.zone\n$INCLUDE ../d.zone\n",
      "zones/sub/c.zone": "c A 10.0.0.2", "zones/d.zone": "d A 10.0.0.3",
      "zones/sub/x y.zone": "y A 10.0.0.4",
    ])
    #expect(codes(zone) == [])
    #expect(
      zone.records.dropFirst(3).map { "\($0.file):\($0.line) \($0.record.owner)" } == [
        "zones/sub/b.zone:3 b.example.", "zones/sub/c.zone:1 c.example.", "zones/d.zone:1 d.example.",
        "zones/sub/x y.zone:1 y.example.", "zones/a.zone:7 last.example.",
      ])
  }

  @Test func originAndOwnerAreAsBeforeAfterwards() throws {
    let zone = try load([
      "zones/a.zone": head + "www A 10.0.0.1\n$INCLUDE b.zone sub\n A 10.0.0.2\nx A 10.0.0.3",
      "zones/b.zone": "@ A 10.0.0.4\n$ORIGIN other.example.\ny A 10.0.0.5",
    ])
    #expect(codes(zone) == [])
    #expect(
      lines(zone) == [
        "www.example. 60 A 0a000001", "sub.example. 60 A 0a000004", "y.other.example. 60 A 0a000005",
        "www.example. 60 A 0a000002", "x.example. 60 A 0a000003",
      ])
  }

  @Test(arguments: [
    "$INCLUDE", "$INCLUDE nowhere.zone", "$INCLUDE /zones/b.zone", "$INCLUDE ../zones/b.zone",
    "$INCLUDE sub/../../b.zone", "$INCLUDE \"\"", "$INCLUDE .", "$INCLUDE b.zone sub more",
    "$INCLUDE b\\000.zone",
  ])
  func whatCannotBeFollowedIsRefused(line: String) throws {
    let zone = try load(["zones/a.zone": head + line + "\n", "zones/b.zone": "", "b.zone": ""])
    #expect(codes(zone) == ["5 zone-include"])
  }

  @Test func faultsOfAnIncludedFileStandInThatFile() throws {
    let zone = try load(["zones/a.zone": head + "$INCLUDE b.zone\n", "zones/b.zone": "\nx A nonsense\n"])
    #expect(zone.faults.map { "\($0.file):\($0.line)" } == ["zones/b.zone:2"])
  }

  @Test func depthAndTotalSizeAreBounded() throws {
    var files = ["zones/a.zone": head + "$INCLUDE 1\n"]
    for depth in 1...9 { files["zones/\(depth)"] = "x\(depth) A 10.0.0.1\n$INCLUDE \(depth + 1)\n" }
    files["zones/8"] = "x A 10.0.0.1"
    #expect(codes(try load(files)) == [])
    files["zones/8"] = "$INCLUDE 9"
    let zone = try load(files)
    #expect(zone.faults.map { "\($0.file):\($0.line) \($0.code.rawValue)" } == ["zones/8:1 zone-include"])

    var limits = ZoneFileLimits()
    limits.maximumTotalSize = 4_000
    let bomb = ["zones/a.zone": head + String(repeating: "$INCLUDE a.zone\n", count: 20)]
    let stopped = try load(bomb, limits: limits)
    #expect(stopped.faults.last?.code == .include)
    #expect(stopped.faults.count <= limits.maximumFaults)
  }
}
