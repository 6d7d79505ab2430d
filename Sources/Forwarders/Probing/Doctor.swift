public import DNSWire

/// Finds out whether the way from here to a zone is right: who answers, whom the server sees, and what stands between.
///
/// It asks questions only, and no more of them than its time allows.
public struct Doctor {
  /// What to look at, and from where.
  public struct Options: Sendable {
    /// The zone's apex, or an alias.
    public var zone: DomainName
    /// The resolvers to ask, in order.
    public var resolvers: [Endpoint]
    /// What `resolv.conf` says; nil if it could not be read.
    public var configuration: ResolverConfiguration?
    /// What `nsswitch.conf` says; nil if it could not be read.
    public var nameServices: NameServiceSwitch?
    /// A second address of this host, which another identity belongs to.
    public var alsoFrom: IPAddress?
    /// A name of the zone whose lookup is counted.
    public var name: DomainName?
    /// The namespace that we are in; nil if it is not known.
    public var namespace: String?
    /// The server itself, where it can be reached past the resolver.
    public var server: Endpoint?
    /// How long all checks may take together, in seconds.
    public var timeLimit = 90

    /// Options for a zone and the resolvers of its clients.
    public init(zone: DomainName, resolvers: [Endpoint]) {
      self.zone = zone
      self.resolvers = resolvers
    }
  }

  /// The most resolvers that are asked.
  public static let maximumResolvers = 8

  let options: Options
  let client: any DNSAsking
  private let progress: (String) -> Void

  /// A doctor who asks through `client` and says to `progress` what comes next.
  public init(_ options: Options, client: any DNSAsking, progress: @escaping (String) -> Void = { _ in }) {
    self.options = options
    self.client = client
    self.progress = progress
  }

  /// Makes every check.
  public func run() -> DoctorReport {
    let deadline = ContinuousClock.now + .seconds(options.timeLimit)
    var checks: [DoctorCheck] = []
    var examinations: [Examination] = []
    for resolver in options.resolvers.prefix(Self.maximumResolvers) {
      var examination = Examination(
        resolver: resolver, options: options, client: client, deadline: deadline, progress: progress)
      checks += examination.run().map { check in
        var check = check
        check.resolver = "\(resolver)"
        return check
      }
      examinations.append(examination)
    }
    progress("agreement")
    checks.append(agreement(of: examinations))
    progress("search path")
    checks.append(searchPath(before: deadline))
    checks.append(multicast(examinations))
    return DoctorReport(
      zone: options.zone.relativeDescription, resolvers: examinations.map { "\($0.resolver)" }, checks: checks)
  }
}
