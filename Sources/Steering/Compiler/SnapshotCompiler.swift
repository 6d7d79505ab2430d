public import DNSWire
public import SteeringPolicy

/// A static record of a zone and where it was written.
public struct StaticRecord: Sendable {
  /// The record.
  public var record: ResourceRecord
  /// Where it stands in its master file.
  public var location: SourceLocation

  /// A record at a place.
  public init(_ record: ResourceRecord, at location: SourceLocation) {
    self.record = record
    self.location = location
  }

  /// Why the record cannot be served; nil if it can.
  public var fault: Diagnostic? {
    if record.owner.labels.contains(where: ReservedLabel.isReserved) {
      return Diagnostic(
        .reservedName, at: location,
        "\(record.owner) is a name that Steer answers itself; choose a label other than "
          + "_explain, _generation and _canary")
    }
    return nil
  }
}

/// Policy, zone files and inventory → snapshot.
///
/// A pure function: equal input gives an equal snapshot.
public enum SnapshotCompiler {
  /// What becomes of a policy in which two policies of one priority decide differently about a route for a client.
  public enum Ties: Sendable {
    /// It is refused.
    case refused
    /// The client is denied the route, and that is a warning: better one denied than all of the policy out of date.
    case denied
  }

  /// What is compiled.
  public struct Input: Sendable {
    /// The validated policy.
    public var policy: PolicySet
    /// The records of each zone's master file, by the zone object's name; absent where there is no file.
    ///
    /// None of them has a `fault`.
    public var records: [String: [StaticRecord]]
    /// The serial that the generation gets, unless a master file's SOA is ahead of it.
    public var serial: UInt32
    /// What becomes of it if policies tie.
    public var ties: Ties

    /// The input of a compilation.
    public init(
      policy: PolicySet, records: [String: [StaticRecord]] = [:], serial: UInt32, ties: Ties = .refused
    ) {
      self.ties = ties
      self.policy = policy
      self.records = records
      self.serial = serial
    }
  }

  /// The snapshot of `input`, or nil if a finding is an error; all findings are returned, by place.
  public static func compile(_ input: Input) -> (snapshot: Snapshot?, diagnostics: [Diagnostic]) {
    var classes = ClassBuilder(input.policy)
    var compiled = CompiledPolicy()
    compiled.routes = input.policy.routes
    compiled.listenerRoutes = Dictionary(
      input.policy.routes.enumerated().map { ($1.listenerPort, UInt32($0)) }, uniquingKeysWith: { first, _ in first })
    AnswerBuilder.addVariants(of: input.policy, to: &compiled)
    classes.addViews(to: &compiled, ties: input.ties)
    let digest = InputDigest.digest(input, selections: classes.selections)
    let serial = input.records.values.lazy.joined().reduce(input.serial) { serial, record in
      record.record.soaSerial.map { SerialNumber.latest($0, serial) } ?? serial
    }
    let generation = Generation(digest: digest, serial: serial)
    compiled.addOptions(generation)
    compiled.placeholder = compiled.append(RecordEncoder.placeholder)
    compiled.namespaces = NamespaceTable(
      input.policy.inventory.namespaces.map {
        ($0.name, compiled.classOf(namespace: $0.name, serviceAccount: nil))
      })
    var zones = ZoneBuilder(generation)
    zones.add(input.policy, records: input.records, to: &compiled)
    let diagnostics = (classes.diagnostics + zones.diagnostics).sorted { $0.location < $1.location }
    if diagnostics.hasErrors { return (nil, diagnostics) }
    let snapshot = Snapshot(
      compiled, generation: generation,
      pods: PodIndex(input.policy.inventory.pods, nodes: input.policy.inventory.nodes), podsAreSynchronized: true)
    return (snapshot, diagnostics)
  }
}

extension CompiledPolicy {
  /// Encodes the EDNS options that answers carry.
  fileprivate mutating func addOptions(_ generation: Generation) {
    options = OptionKind.allCases.map { kind in
      switch kind {
      case .notReady: append(Self.error(.notReady, "pods are not synchronized yet"))
      case .blocked: append(Self.error(.blocked, "a rule denies it; ask _explain TXT"))
      case .prohibited: append(Self.error(.prohibited, "no rule allows it; ask _explain TXT"))
      case .unknownClient: append(Self.error(.prohibited, "client unknown; ask _explain TXT"))
      case .notAuthoritative: append(Self.error(.notAuthoritative, ""))
      case .notSupported: append(Self.error(.notSupported, ""))
      case .transferRefused: append(Self.error(.prohibited, "neither key nor address may have the zone"))
      case .transferPostponed: append(Self.error(.other, "too many transfers at one time"))
      case .nsid: append(Self.option(EDNSOptionCode.nsid, Array("steer \(generation)".utf8)))
      }
    }
  }

  private static func error(_ error: ExtendedDNSError, _ text: String) -> [UInt8] {
    option(EDNSOptionCode.extendedError, error.rawValue.bigEndianOctets + Array(text.utf8))
  }

  private static func option(_ code: UInt16, _ data: [UInt8]) -> [UInt8] {
    code.bigEndianOctets + UInt16(data.count).bigEndianOctets + data
  }
}

extension FixedWidthInteger {
  /// The number's octets in network order.
  var bigEndianOctets: [UInt8] {
    (0..<(Self.bitWidth / 8)).reversed().map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) }
  }
}
