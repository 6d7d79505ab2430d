import DNSWire
import TestSupport

/// The messages of a pod that says it were another: every claim in every combination, well-formed and not.
struct Forgery {
  /// The pod that the forger would like to be.
  private let victim: Lab.Place
  private let address: [UInt8]
  private var generator: SeededGenerator
  private var id: UInt16 = 0

  /// What a forger asks for: what only the other may see, and what says whom Steer takes it for.
  private static let questions: [(String, RecordType)] = [
    (Lab.steeredName, .a), ("github.intra.aibang.local", .a), ("_canary.intra.aibang.local", .txt),
    ("_explain.microsoft.intra.aibang.local", .txt),
  ]

  /// The messages that `seed` yields, of a forger who would be `victim`.
  init(of victim: Lab.Place, seed: UInt64) {
    self.victim = victim
    address = IPAddress(victim.address)?.octets ?? []
    generator = SeededGenerator(seed: seed)
  }

  /// A claim of each kind, and an option that is none: client address, namespace, Client Subnet, cookie.
  var claims: [[UInt8]] {
    [
      Self.option(65518, address), Self.option(65519, Array(victim.rawValue.utf8)),
      Self.option(8, [0, 1, 32, 0] + address), Self.option(10, [1, 2, 3, 4, 5, 6, 7, 8]),
    ]
  }

  /// An EDNS option.
  static func option(_ code: UInt16, _ data: [UInt8]) -> [UInt8] {
    [code, UInt16(data.count)].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } + data
  }

  /// All messages; the same ones for the same seed.
  mutating func messages() -> [[UInt8]] {
    var messages = wellFormedMessages() + structures()
    for _ in 0..<60 {
      guard var message = messages.randomElement(using: &generator) else { continue }
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        message[Int.random(in: 12..<message.count, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      messages.append(message)
    }
    return messages
  }

  /// The messages that a DNS program reads as such, whatever their options hold.
  mutating func wellFormedMessages() -> [[UInt8]] {
    combinations() + duplicates() + lengths() + subnets() + withoutRoom()
  }

  /// Claims in messages to which a forwarder may add nothing: signed ones, and ones so long that there is no room.
  private mutating func withoutRoom() -> [[UInt8]] {
    var messages: [[UInt8]] = []
    for question in Self.questions {
      for claim in claims.prefix(3) {
        for padding in [440, 600, 1100] {
          messages.append(message([claim, Self.option(12, .init(repeating: 0, count: padding))], question))
        }
        for rdata in [[], Self.signature] {
          var signed = message([claim], question)
          signed[11] += 1
          messages.append(signed + [0, 0, 250, 0, 255, 0, 0, 0, 0, 0, UInt8(rdata.count)] + rdata)
        }
      }
    }
    return messages
  }

  /// The RDATA of a TSIG: hmac-sha256, a time, 300 seconds of grace, no MAC, an ID, no error (RFC 8945 §4.2).
  private static let signature: [UInt8] =
    [11] + Array("hmac-sha256".utf8) + [0, 0, 0, 0x6A, 0, 0, 0, 1, 0x2C, 0, 0, 0, 1, 0, 0, 0, 0]

  /// Every subset of the claims, in an order of chance, for each question.
  private mutating func combinations() -> [[UInt8]] {
    (1..<16).flatMap { subset in
      Self.questions.map { question in
        let chosen = claims.enumerated().filter { subset >> $0.offset & 1 == 1 }.map(\.element)
        return message(chosen.shuffled(using: &generator), question)
      }
    }
  }

  /// Each claim twice, and beside the truth.
  private mutating func duplicates() -> [[UInt8]] {
    let own = IPAddress(Lab.Place.teamA.address)?.octets ?? []
    let truths = [
      Self.option(65518, own), Self.option(65519, Array("team-a".utf8)), Self.option(8, [0, 1, 32, 0] + own),
    ]
    return zip(claims, truths).flatMap { claim, truth in
      [[claim, claim], [claim, truth], [truth, claim], Array(repeating: claim, count: 40)].map { message($0) }
    }
  }

  /// Each claim cut short or drawn out, from 0 to 20 octets.
  private mutating func lengths() -> [[UInt8]] {
    let data = [(UInt16(65518), address), (65519, Array(victim.rawValue.utf8)), (8, [0, 1, 32, 0] + address)]
    return data.flatMap { code, data in
      (0...20).map { length in
        let padding = [UInt8](repeating: Bool.random(using: &generator) ? 0 : data.last ?? 0, count: 20)
        return message([Self.option(code, Array((data + padding).prefix(length)))])
      }
    } + [message([Self.option(65518, [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + address)])]
  }

  /// Client Subnets of other families, lengths and scopes.
  private mutating func subnets() -> [[UInt8]] {
    [UInt8(0), 1, 2, 3].flatMap { family in
      [UInt8(0), 8, 24, 31, 32, 33, 128, 255].flatMap { prefix in
        [UInt8(0), 32].map { scope in
          let octets = address + [UInt8](repeating: 0, count: 28)
          let size = Bool.random(using: &generator) ? (Int(prefix) + 7) / 8 : 4
          return message([Self.option(8, [0, family, prefix, scope] + octets.prefix(size))])
        }
      }
    }
  }

  /// Messages whose OPT is doubled, in the wrong place, too long, of another version, or not the last record.
  private mutating func structures() -> [[UInt8]] {
    var messages: [[UInt8]] = []
    for claim in claims.prefix(3) {
      let plain = message([])
      let claiming = message([claim])
      let records = claiming.count - 11 - claim.count
      let record = Array(claiming[records...])
      let other: [UInt8] = [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1]
      func edited(_ message: [UInt8], _ edit: (inout [UInt8]) -> Void) -> [UInt8] {
        var message = message
        edit(&message)
        return message
      }
      messages += [
        edited(plain + record) { $0[11] = 2 }, edited(claiming + plain[(plain.count - 11)...]) { $0[11] = 2 },
        edited(claiming + record) { $0[11] = 2 }, claiming + record, plain + record, claiming + [0, 0],
        edited(claiming + other) { $0[11] = 2 },
        edited(claiming) { $0.swapAt(7, 11) }, edited(claiming) { $0.swapAt(9, 11) },
        edited(claiming) {
          $0[records] = 0xC0; $0.insert(12, at: records + 1)
        },
        edited(claiming) { $0[records + 10] &+= 4 }, edited(claiming) { $0[records + 14] &+= 9 },
        edited(claiming) { $0[records + 6] = 1 },
        edited(claiming) {
          $0[records + 3] = 0; $0[records + 4] = 0
        },
        edited(claiming) { $0[2] = 0x81 }, edited(claiming) { $0[2] = 0 }, edited(claiming) { $0[3] = 0x10 },
      ]
    }
    return messages
  }

  /// PROXY headers that name the other pod, or nobody, or break the protocol; each is to stand before a message.
  func proxyHeaders() -> [[UInt8]] {
    let signature = ProxyHeader.signature
    let server: [UInt8] = [10, 231, 0, 53, 0, 53, 0, 53]
    let stream = signature + [0x21, 0x11, 0, 12] + address + server
    let datagram = signature + [0x21, 0x12, 0, 12] + address + server
    let mapped: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
    let version6 = signature + [0x21, 0x22, 0, 36] + mapped + address + mapped + server
    let text = Array("PROXY TCP4 \(victim.address) \(Lab.Place.resolver.address) 53 53\r\n".utf8)
    return [
      stream, datagram, version6, text, signature + [0x20, 0, 0, 0], datagram + datagram,
      signature + [0x20, 0, 0, 0] + datagram, Array(datagram.prefix(20)), Array(datagram.prefix(13)),
      signature + [0x21, 0x12, 0xFF, 0xFF] + address + server, signature + [0x21, 0x31, 0, 216],
      signature + [0x21, 0x12, 0, 19] + address + server + [4, 0, 4, 1, 2, 3, 4], signature + [0x11, 0x12, 0, 12],
    ]
  }

  /// A message with options, about a question of chance unless one is given.
  mutating func message(_ options: [[UInt8]], _ question: (String, RecordType)? = nil) -> [UInt8] {
    id += 1
    let (name, type) = question ?? Self.questions.randomElement(using: &generator) ?? Self.questions[0]
    var query = WireQuery(id: id, name, type)
    query.flags = 0x0100
    query.edns?.options = options.flatMap(\.self)
    return query.octets
  }
}
