import DNSWire
import Steering

/// A kind of query, as an answer is measured for it: the message, who sends it, and over what.
struct QueryKind {
  /// What it shows, for the table.
  let name: String
  /// The query in wire format.
  let message: [UInt8]
  /// Who asks.
  let client: IPAddress
  /// What it comes over.
  let transport: Transport
  /// What it must be answered with, so that nothing else is measured by mistake.
  let rcode: ResponseCode

  /// The kinds that the example policy answers in different ways, each over UDP and TCP.
  static func all() throws -> [QueryKind] {
    try [Transport.udp, .tcp].flatMap { transport in
      try queries().map { query in
        QueryKind(
          name: "\(query.name), \(transport == .udp ? "UDP" : "TCP")", message: query.message,
          client: query.client.address, transport: transport, rcode: query.rcode)
      }
    }
  }

  /// A client of the example policy.
  private enum Client {
    case teamA, teamB, teamC, stranger, forwarder, subnetForwarder

    var address: IPAddress {
      switch self {
      case .teamA: IPAddress(v4: 0x7F00_000B)
      case .teamB: IPAddress(v4: 0x7F00_000C)
      case .teamC: IPAddress(v4: 0x7F00_000D)
      case .forwarder: IPAddress(v4: 0x7F00_0035)
      case .subnetForwarder: IPAddress(v4: 0x7F00_0036)
      case .stranger: IPAddress(high: 0xFD00_0000_0000_0000, low: 1)
      }
    }
  }

  private struct Case {
    let name: String
    let message: [UInt8]
    let client: Client
    let rcode: ResponseCode
  }

  private static func queries() throws -> [Case] {
    let plain: [(String, String, RecordType, Client, ResponseCode)] = [
      ("A allowed", "microsoft.intra.aibang.local", .a, .teamA, .noError),
      ("A of an override", "microsoft.intra.aibang.local", .a, .teamB, .noError),
      ("A denied, NXDOMAIN", "microsoft.intra.aibang.local", .a, .teamC, .nonexistentDomain),
      ("A by an alias apex", "MicroSoft.intra.aibang.internal", .a, .teamA, .noError),
      ("AAAA allowed", "github.intra.aibang.local", .aaaa, .teamB, .noError),
      ("AAAA without data", "microsoft.intra.aibang.local", .aaaa, .teamA, .noError),
      ("ANY", "github.intra.aibang.local", .any, .teamB, .noError),
      ("TXT, static", "status.intra.aibang.local", .txt, .teamA, .noError),
      ("TXT by a CNAME", "www.status.intra.aibang.local", .txt, .teamA, .noError),
      ("CNAME", "www.status.intra.aibang.local", .cname, .teamA, .noError),
      ("SOA", "intra.aibang.local", .soa, .teamA, .noError),
      ("NS, with an address beside it", "intra.aibang.local", .ns, .teamA, .noError),
      ("PTR, allowed", "10.7.96.10.in-addr.arpa", .ptr, .teamA, .noError),
      ("PTR of another's address", "10.7.96.10.in-addr.arpa", .ptr, .teamB, .nonexistentDomain),
      ("absent name, NXDOMAIN", "a.b.c.absent.intra.aibang.local", .a, .teamA, .nonexistentDomain),
      ("unknown client", "microsoft.intra.aibang.local", .a, .stranger, .nonexistentDomain),
      ("unknown zone, REFUSED", "example.com", .a, .teamA, .refused),
      ("_generation", "_generation.intra.aibang.local", .txt, .teamA, .noError),
      ("_explain, allowed", "_explain.microsoft.intra.aibang.local", .txt, .teamB, .noError),
      ("_explain, denied", "_explain.github.intra.aibang.local", .txt, .teamA, .noError),
    ]
    var cases = try plain.map { name, owner, type, client, rcode in
      Case(
        name: name, message: Query.message(name: try DomainName(owner), type: type, edns: false),
        client: client, rcode: rcode)
    }
    let allowed = Query.message(name: try DomainName("microsoft.intra.aibang.local"), type: .a)
    let nsid: [UInt8] = [0, 4, 0, UInt8(EDNSOptionCode.nsid), 0, 0]
    let cookie: [UInt8] = [0, 28, 0, UInt8(EDNSOptionCode.cookie), 0, 24] + Array(repeating: 1, count: 24)
    cases += [
      Case(
        name: "A allowed, cookie", message: Array(allowed.dropLast(2)) + cookie, client: .teamA, rcode: .noError),
      Case(name: "A allowed, EDNS", message: allowed, client: .teamA, rcode: .noError),
      Case(name: "A denied, EDNS", message: allowed, client: .teamC, rcode: .nonexistentDomain),
      // The OPT ends with its RDLENGTH, which the option's own octets take the place of.
      Case(
        name: "A allowed, EDNS and NSID", message: Array(allowed.dropLast(2)) + nsid, client: .teamA,
        rcode: .noError),
      Case(
        name: "A allowed, by client address", message: forwarded(allowed, 65518, [127, 0, 0, 11]), client: .forwarder,
        rcode: .noError),
      Case(
        name: "A allowed, unread option", message: forwarded(allowed, 65001, [127, 0, 0, 11]), client: .teamA,
        rcode: .noError),
      Case(
        name: "A allowed, by Client Subnet", message: forwarded(allowed, 8, [0, 1, 32, 0, 127, 0, 0, 11]),
        client: .subnetForwarder, rcode: .noError),
      Case(
        name: "A of nobody, NXDOMAIN", message: forwarded(allowed, 65518, [127, 0, 0, 99]), client: .forwarder,
        rcode: .nonexistentDomain),
      Case(
        name: "_canary, by client address",
        message: forwarded(
          Query.message(name: try DomainName("_canary.intra.aibang.local"), type: .txt), 65518, [127, 0, 0, 11]),
        client: .forwarder, rcode: .noError),
      Case(
        name: "zone transfer, REFUSED", message: try transfer("intra.aibang.local"), client: .teamA, rcode: .refused),
      Case(name: "malformed, FORMERR", message: Array(allowed.dropLast(3)), client: .teamA, rcode: .formatError),
    ]
    return cases
  }

  /// A query for what changed in a zone since a serial of 0.
  private static func transfer(_ zone: String) throws -> [UInt8] {
    var message = Query.message(name: try DomainName(zone), type: .ixfr, edns: false)
    message[9] = 1
    return message + [0, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22] + [UInt8](repeating: 0, count: 22)
  }

  /// A query with an EDNS option: the OPT ends with its RDLENGTH, which the option's own octets take the place of.
  private static func forwarded(_ message: [UInt8], _ code: UInt16, _ data: [UInt8]) -> [UInt8] {
    let size = UInt8(truncatingIfNeeded: data.count)
    return Array(message.dropLast(2)) + [0, size + 4, UInt8(code >> 8), UInt8(code & 0xFF), 0, size] + data
  }
}
