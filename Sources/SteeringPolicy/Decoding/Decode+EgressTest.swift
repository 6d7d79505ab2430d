import DNSWire

extension DecodedTest {
  /// Reads an `EgressTest`; faults are reported.
  init?(_ document: Document) {
    guard let (metadata, spec) = document.metadataAndSpec() else { return nil }
    let client = spec.required("from")?.client()
    let queryValue = spec.optional("query")
    let expectValue = spec.optional("expect")
    let connectValue = spec.optional("connect")
    query = queryValue?.query()
    expectation = expectValue?.expectation() ?? EgressTest.Expectation(rcode: nil, addresses: nil)
    connect = connectValue?.connect()
    spec.finish()
    switch (queryValue, expectValue) {
    case (_?, nil):
      spec.value.report(.missingField, "has a 'query' but no 'expect'; add what must be answered")
    case (nil, let expectValue?):
      expectValue.report(.invalidValue, "is about a query, but there is none; add 'query' or remove it")
    default:
      if queryValue == nil, connectValue == nil {
        spec.value.report(.missingField, "has neither 'query' nor 'connect'; add what is to be tested")
      }
    }
    self.metadata = metadata
    self.client = client?.0 ?? .pod(namespace: "", serviceAccount: nil)
    namespace = client?.1
  }
}

extension Value {
  /// A pod's namespace, with a service account maybe, or an address.
  fileprivate func client() -> (EgressTest.Client, Located<String>?)? {
    guard let fields = fields() else { return nil }
    let namespaceValue = fields.optional("namespace")
    let accountValue = fields.optional("serviceAccount")
    let addressValue = fields.optional("ip")
    fields.finish()
    switch (namespaceValue, addressValue) {
    case (let namespaceValue?, nil):
      let account = accountValue?.objectName()
      guard let namespace = namespaceValue.labelName() else { return nil }
      return (.pod(namespace: namespace, serviceAccount: account), namespaceValue.located(namespace))
    case (nil, let addressValue?) where accountValue == nil:
      return addressValue.address().map { (.address($0), nil) }
    default:
      report(
        .invalidValue,
        "must have either 'namespace' (and 'serviceAccount') or 'ip'; write exactly one of them")
      return nil
    }
  }

  fileprivate func query() -> EgressTest.Query? {
    guard let fields = fields() else { return nil }
    let name = fields.required("name")?.domainName()
    var type: RecordType? = .a
    if let value = fields.optional("type"), let text = value.string() {
      type = RecordType(text)
      if type == nil {
        value.report(
          .invalidValue, "'\(text.prefix(80))' is not a record type; use one such as A, AAAA or TXT")
      }
    }
    fields.finish()
    guard let name, let type else { return nil }
    return EgressTest.Query(name: name, type: type)
  }

  fileprivate func expectation() -> EgressTest.Expectation? {
    guard let fields = fields() else { return nil }
    let rcodeValue = fields.optional("rcode")
    let addressesValue = fields.optional("addresses")
    fields.finish()
    if rcodeValue == nil, addressesValue == nil {
      report(.missingField, "has neither 'rcode' nor 'addresses'; add what must be answered")
    }
    let rcode = rcodeValue?.choice(ExpectedCode.self)
    let addresses = addressesValue?.items()?.compactMap { $0.address() }
    if let rcode, rcode != .noError {
      if addresses?.isEmpty == false {
        addressesValue?.report(
          .invalidValue, "lists addresses, but \(rcode.rawValue) has none; use NOERROR or remove them")
      }
    }
    return EgressTest.Expectation(rcode: rcode?.responseCode, isNoData: rcode == .nodata, addresses: addresses)
  }

  fileprivate func connect() -> DecodedTest.Connect? {
    guard let fields = fields() else { return nil }
    let route = fields.required("via").flatMap { value in value.string().map(value.located) }
    let method = fields.optional("method").map { $0.choice(HTTPMethod.self) } ?? .connect
    let host = fields.required("host")?.hostOrAddress()
    let port = fields.optional("port").map { $0.port() } ?? 443
    let expect = fields.required("expect")?.choice(EgressRule.Action.self)
    fields.finish()
    guard let route else { return nil }
    return DecodedTest.Connect(
      route: route, method: (method ?? .connect).rawValue, host: host ?? "", port: port ?? 443,
      expect: expect ?? .deny)
  }
}

/// What `expect.rcode` may say.
private enum ExpectedCode: String, CaseIterable {
  case noError = "NOERROR"
  case nxdomain = "NXDOMAIN"
  /// NOERROR without an answer (RFC 2308 §2.2).
  case nodata = "NODATA"
  case refused = "REFUSED"
  case servFail = "SERVFAIL"

  var responseCode: ResponseCode {
    switch self {
    case .noError, .nodata: .noError
    case .nxdomain: .nonexistentDomain
    case .refused: .refused
    case .servFail: .serverFailure
    }
  }
}
