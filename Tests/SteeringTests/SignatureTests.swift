import DNSWire
import Foundation
import Steering
import SteeringPolicy
import TestSupport
import Testing

/// Signed queries in process, at a time that is fixed; the queries were made by dnspython 2.9.
@Suite struct SignatureTests {
  /// When the queries were signed, in seconds since 1970.
  static let time: UInt64 = 1_795_548_933

  /// `one.steer.test A`, signed by the key `key.secondary` whose secret is the octets 0 to 63.
  private static let queries: [TransferKey.Algorithm: String] = [
    .hmacSHA256:
      "123400000001000000000002036f6e650573746565720474657374000001000100002904d0000000000000036b6579097365636f6e64617279"
      + "0000fa00ff00000000003d0b686d61632d7368613235360000006b05e705012c00201b6f955db4498704e355d48e4592c0cbd1a3ea023f63"
      + "be0fd22f94ca3f80bf53123400000000",
    .hmacSHA384:
      "123400000001000000000002036f6e650573746565720474657374000001000100002904d0000000000000036b6579097365636f6e64617279"
      + "0000fa00ff00000000004d0b686d61632d7368613338340000006b05e705012c00304ca52591360cc038d546fe76892f3e473c1eb3677f8a"
      + "063a23ad864e3a233d68fe1a7ad2c824f780316c0d1ef77a21e2123400000000",
    .hmacSHA512:
      "123400000001000000000002036f6e650573746565720474657374000001000100002904d0000000000000036b6579097365636f6e64617279"
      + "0000fa00ff00000000005d0b686d61632d7368613531320000006b05e705012c0040c24c87c449674dc2d306ad39e53ca3834d9317632be2"
      + "b70e91f3f6c09f516c8fda57c429e3a29e46ca312be9e7c56299b84185fbc0e8935a96cdec2c36182f07123400000000",
  ]

  /// The answers to them at that time, which dnspython 2.9 found to be signed as they must be.
  private static let answers: [TransferKey.Algorithm: String] = [
    .hmacSHA256:
      "123484000001000100000002036f6e6505737465657204746573740000010001c00c000100010000000a00040a60000100002904d00000"
      + "00000000036b6579097365636f6e646172790000fa00ff00000000003d0b686d61632d7368613235360000006b05e705012c002023a98d"
      + "2a73134dcec1a03c4014c7b4ebb2e85200484817db9b4babed24495e75123400000000",
    .hmacSHA384:
      "123484000001000100000002036f6e6505737465657204746573740000010001c00c000100010000000a00040a60000100002904d00000"
      + "00000000036b6579097365636f6e646172790000fa00ff00000000004d0b686d61632d7368613338340000006b05e705012c0030d3bba0"
      + "02bd161c9f6620e493894b5836a711dfd6d99738bfcfcb0b06ad92468322e396d52b5ce48d0aa63260c700b776123400000000",
    .hmacSHA512:
      "123484000001000100000002036f6e6505737465657204746573740000010001c00c000100010000000a00040a60000100002904d00000"
      + "00000000036b6579097365636f6e646172790000fa00ff00000000005d0b686d61632d7368613531320000006b05e705012c0040f90678"
      + "3c84e5e9941ed1e9c598de417a0444b782ec46eb2ee60c34b20f5738981f1862a419834b290dde93edc5bc41d3f6b9c4b9fd760265c23d"
      + "2e06ef3664d0123400000000",
  ]

  /// A responder whose zone's view of team-a is that of `key.secondary`, and what it counts.
  static func responder(_ algorithm: TransferKey.Algorithm, at time: UInt64 = time, counters: Counters = Counters())
    throws -> Responder
  {
    let rules = "{key: key.secondary, view: {namespace: team-a}}, {key: key.steer.test, view: {namespace: team-a}}"
    let policy = TestPolicy.minimal.replacing(
      "{zone: steer.test}", with: "{zone: steer.test, transfers: [\(rules)]}")
    let keys = try ["key.secondary", "key.steer.test"].map { name in
      TransferKey(name: try DomainName(name), algorithm: algorithm, secret: Array(0..<64))
    }
    let snapshot = try TestPolicy.snapshot(policy).replacing(secrets: ServerSecrets(keys: KeyRing(keys)))
    var responder = Responder(snapshot, counters: counters, seed: 1)
    responder.assumedTime = time
    return responder
  }

  static func octets(_ hexadecimal: String?) throws -> [UInt8] {
    try #require(hexadecimal.flatMap { [UInt8](hexadecimal: $0) })
  }

  static func ask(
    _ responder: inout Responder, _ message: [UInt8], over transport: Transport = .udp
  ) -> [UInt8] {
    var buffer = [UInt8](repeating: 0xAA, count: Responder.tcpBufferSize)
    var span = buffer.mutableSpan
    let size = responder.respond(
      to: message.span, from: IPAddress(v4: 0x0A09_0909), over: transport, into: &span)
    return Array(buffer.prefix(size))
  }

  /// The TSIG of a message as its fields.
  static func signature(of message: [UInt8]) -> TSIGRecord? {
    TSIGRecord.position(in: message.span).flatMap { TSIGRecord(message.span, at: $0) }
  }

  @Test(arguments: TransferKey.Algorithm.allCases)
  func aQueryThatAnotherProgramSignedIsAnsweredAsTheViewOfItsKey(algorithm: TransferKey.Algorithm) throws {
    var responder = try Self.responder(algorithm)
    let answer = Self.ask(&responder, try Self.octets(Self.queries[algorithm]))
    let message = try LDNSMessage(answer)
    #expect(message.rcode == 0)
    #expect(message.answer == ["one.steer.test. 10 IN A 10.96.0.1"])
    #expect(Self.signature(of: answer)?.mac.count == algorithm.size)
    let hexadecimal = answer.map { String(format: "%02x", $0) }.joined()
    #expect(hexadecimal == Self.answers[algorithm])
  }

  @Test func theNameOfAKeyMayBeCompressed() throws {
    var responder = try Self.responder(.hmacSHA256)
    let query = try Self.octets(
      "43210000000100000000000105737465657204746573740000060001036b6579c00c00fa00ff00000000003d0b686d61632d736861323536"
        + "0000006b05e705012c0020672b08f9d39982164a28c15a4ede5745a021ed03619ed08b29822c305bf451e7432100000000")
    #expect(try LDNSMessage(Self.ask(&responder, query)).rcode == 0)
  }

  @Test func aKeyThatTheZoneDoesNotNameIsNobodyThatIsKnown() throws {
    let key = TransferKey(name: try DomainName("key.secondary"), algorithm: .hmacSHA256, secret: Array(0..<64))
    let snapshot = try TestPolicy.snapshot(TestPolicy.minimal).replacing(secrets: ServerSecrets(keys: KeyRing([key])))
    let counters = Counters()
    var responder = Responder(snapshot, counters: counters)
    responder.assumedTime = Self.time
    let answer = Self.ask(&responder, try Self.octets(Self.queries[.hmacSHA256]))
    #expect(try LDNSMessage(answer).rcode == 3)
    #expect(Self.signature(of: answer)?.mac.count == 32)
    #expect(counters[.unknownClient] == 1 && counters[.prohibited] == 1)
  }

  @Test(arguments: TransferKey.Algorithm.allCases, [-301, -300, 300, 301])
  func aSignatureHoldsForItsFudgeAndNoLonger(algorithm: TransferKey.Algorithm, distance: Int) throws {
    let counters = Counters()
    let now = UInt64(Int(Self.time) + distance)
    var responder = try Self.responder(algorithm, at: now, counters: counters)
    let answer = Self.ask(&responder, try Self.octets(Self.queries[algorithm]))
    let message = try LDNSMessage(answer)
    let signature = try #require(Self.signature(of: answer))
    #expect(signature.mac.count == algorithm.size)
    if abs(distance) <= 300 {
      #expect(message.rcode == 0 && signature.error == 0 && signature.timeSigned == now)
    } else {
      #expect(message.rcode == 9 && message.answer.isEmpty && signature.error == 18)
      // The client's time, so that it can check the answer; ours beside it.
      #expect(signature.timeSigned == Self.time && signature.otherData == TSIGRecord.time(now))
      #expect(counters[.tsigBadTime] == 1 && counters[.notAuthorized] == 1)
    }
  }

  @Test(arguments: TransferKey.Algorithm.allCases)
  func aQueryThatWasChangedAnywhereIsRefused(algorithm: TransferKey.Algorithm) throws {
    let query = try Self.octets(Self.queries[algorithm])
    var outcomes: Set<UInt16> = []
    for index in query.indices {
      var changed = query
      changed[index] ^= 0x01
      let counters = Counters()
      var responder = try Self.responder(algorithm, counters: counters)
      let answer = Self.ask(&responder, changed)
      guard !answer.isEmpty, let message = try? LDNSMessage(answer) else { continue }
      let signature = Self.signature(of: answer)
      // The ID is not signed, but the one that it had: a forwarder may change it (RFC 8945 §5.2).
      guard index >= 2 else {
        #expect(message.rcode == 0)
        continue
      }
      #expect(message.rcode != 0 && message.answer.isEmpty, "octet \(index)")
      if let signature {
        #expect([16, 17].contains(signature.error) && signature.mac.isEmpty, "octet \(index)")
        outcomes.insert(signature.error)
      }
    }
    #expect(outcomes == [16, 17])
  }

  @Test(arguments: TransferKey.Algorithm.allCases)
  func aCodeThatWasCutIsRefused(algorithm: TransferKey.Algorithm) throws {
    let query = try Self.octets(Self.queries[algorithm])
    for size in 0...(algorithm.size + 1) where size != algorithm.size {
      // From the end: 6 octets, the code, and its size.
      let start = query.count - 6 - algorithm.size
      let code = (query[start..<(query.count - 6)] + [0]).prefix(size)
      var cut = Array(query[..<(start - 2)]) + [0, UInt8(size)] + code + query.suffix(6)
      let dataLength = try #require(query[..<start].lastIndex { $0 == UInt8(29 + algorithm.size) })
      cut[dataLength] = UInt8(29 + size)
      var responder = try Self.responder(algorithm)
      let answer = Self.ask(&responder, cut)
      let message = try LDNSMessage(answer)
      let signature = Self.signature(of: answer)
      if size > algorithm.size || size < max(10, algorithm.size / 2) {
        #expect(message.rcode == 1 && signature == nil, "\(size)")
      } else {
        #expect(message.rcode == 9 && signature?.error == 22, "\(size)")
        #expect(signature?.mac.count == algorithm.size)
      }
    }
  }

  @Test func aKeyOfAnotherAlgorithmIsNotKnown() throws {
    let counters = Counters()
    var responder = try Self.responder(.hmacSHA512, counters: counters)
    let answer = Self.ask(&responder, try Self.octets(Self.queries[.hmacSHA256]))
    let signature = try #require(Self.signature(of: answer))
    #expect(try LDNSMessage(answer).rcode == 9)
    #expect(signature.error == 17 && signature.mac.isEmpty)
    #expect(counters[.tsigBadKey] == 1)
  }

  @Test func anUnsignedAnswerFollowsASignedOne() throws {
    var responder = try Self.responder(.hmacSHA256)
    _ = Self.ask(&responder, try Self.octets(Self.queries[.hmacSHA256]))
    let answer = Self.ask(&responder, WireQuery("one.steer.test", .a).octets)
    #expect(try LDNSMessage(answer).rcode == 3)
    #expect(Self.signature(of: answer) == nil)
  }

  @Test(arguments: [
    (
      512,
      "12340000000100000000000203626967057374656572047465737400001000010000290200000000000000036b6579097365636f"
        + "6e646172790000fa00ff00000000003d0b686d61632d7368613235360000006b05e705012c0020ce10e94d33884667d7fae68cd7"
        + "8919b52d019be06b92b2c61f347339d492f9b1123400000000"
    ),
    (
      1232,
      "123400000001000000000002036269670573746565720474657374000010000100002904d0000000000000036b6579097365636f"
        + "6e646172790000fa00ff00000000003d0b686d61632d7368613235360000006b05e705012c00205a3ba5c1d95cc322e5ded3f946"
        + "7fbffc5a8dfbb43a4c806e69189640709f7783123400000000"
    ),
  ])
  func anAnswerFitsWithItsSignatureOrIsTruncated(payload: Int, query: String) throws {
    let policy = TransferTests.policy.replacing("{cidrs: [10.0.0.0/24]}", with: "{key: key.secondary}")
    // Without a signature it would fit 512 octets.
    let text = [200, 200].map { "\"" + String(repeating: "x", count: $0) + "\"" }.joined(separator: " ")
    let snapshot = try TransferTests.snapshot(policy: policy, zone: TransferTests.zone + "\nbig IN TXT \(text)")
    let key = TransferKey(name: try DomainName("key.secondary"), algorithm: .hmacSHA256, secret: Array(0..<64))
    var responder = Responder(snapshot.replacing(secrets: ServerSecrets(keys: KeyRing([key]))))
    responder.assumedTime = Self.time
    let answer = Self.ask(&responder, try Self.octets(query))
    let message = try LDNSMessage(answer)
    #expect(message.rcode == 0 && answer.count <= payload)
    #expect(
      message.flags.contains(.truncated) == (payload == 512) && message.answer.count == (payload == 512 ? 0 : 1))
    #expect(Self.signature(of: answer)?.mac.count == 32)
    var unsigned = WireQuery("big.steer.test", .txt)
    unsigned.edns?.payloadSize = UInt16(payload)
    #expect(try LDNSMessage(Self.ask(&responder, unsigned.octets)).answer.count == 1)
  }
}
