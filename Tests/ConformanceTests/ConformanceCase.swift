import TestSupport

/// One case of the Ferret data set: a zone, a query, and what servers answered.
struct ConformanceCase: Decodable {
  /// What some of the servers answered.
  struct Response: Decodable {
    /// Whether most servers answered so.
    var majority: Bool
    var rcode: String
    var flags: [String]
    /// Records as owner, type and RDATA.
    var answer: [[String]]
    var authority: [[String]]
    var additional: [[String]]
  }

  private enum CodingKeys: String, CodingKey {
    case id, tag, origin, zone, qname, qtype, responses
    case chainGrows = "chain_grows"
  }

  var id: Int
  /// The rule of the data set's model that the query exercises.
  var tag: String
  var origin: String
  /// The lines of the master file.
  var zone: [String]
  var qname: String
  var qtype: String
  /// Whether a DNAME's target lies below it, so that the chain has no end and servers stop it where they like.
  var chainGrows: Bool
  var responses: [Response]
}

extension ConformanceCase {
  /// The name of the case's zone as a policy object.
  var zoneName: String { "case-\(id)" }

  /// Whether an answer is one that the case allows.
  func allows(_ answer: ComparedAnswer) -> Bool {
    let got = answer.withoutTTLs
    if chainGrows {
      return responses.contains { response in
        let wanted = ComparedAnswer(response)
        let isAuthoritative = wanted.flags.contains(.authoritative) == got.flags.contains(.authoritative)
        return wanted.rcode == got.rcode && isAuthoritative
      }
    }
    return responses.contains { $0.majority && ComparedAnswer($0).agrees(with: got) }
  }

  /// What most servers answered.
  var wanted: String {
    responses.filter(\.majority).map { "\(ComparedAnswer($0))" }.joined(separator: "\nor ")
  }
}

extension ComparedAnswer {
  fileprivate init(_ response: ConformanceCase.Response) {
    let rcodes = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN"]
    let flags: [String: LDNSMessage.Flag] = [
      "QR": .response, "AA": .authoritative, "AD": .authenticData, "CD": .checkingDisabled,
    ]
    func records(_ section: [[String]]) -> [Record] {
      section.map { Record(owner: $0[0], type: $0[1], rdata: $0[2]) }
    }
    self.init(
      // An unknown one is equal to no server's.
      rcode: rcodes.firstIndex(of: response.rcode).map(UInt16.init) ?? .max,
      flags: Set(response.flags.compactMap { flags[$0] }), answer: records(response.answer),
      authority: records(response.authority), additional: records(response.additional))
  }

  /// Whether two answers, neither with TTLs, say the same: the authority section counts only beside an empty answer
  /// section, since what stands there beside data is up to the server.
  fileprivate func agrees(with other: ComparedAnswer) -> Bool {
    rcode == other.rcode && flags == other.flags && answer == other.answer && additional == other.additional
      && (authority == other.authority || !answer.isEmpty && !other.answer.isEmpty)
  }
}
