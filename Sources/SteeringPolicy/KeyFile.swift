import DNSWire

/// A file of keys → keys: `keys: [{name: …, algorithm: …, secret: BASE64}]`.
///
/// No finding repeats anything of the file but a key's name and algorithm: any other word could be a secret.
public enum KeyFile {
  /// The keys of a file; nil if any finding is an error.
  public static func load(_ file: PolicyFile) -> (keys: [TransferKey]?, diagnostics: [Diagnostic]) {
    let findings = Findings()
    var unread = Unread()
    let roots = YAMLDocuments.read(file, into: findings, unread: &unread)
    guard findings.errorCount == 0, let (root, source) = roots.first, roots.count == 1 else {
      // What a parser says of a fault may quote it.
      let location = findings.diagnostics.first?.location ?? file.start
      let fault = Diagnostic(
        .syntax, at: location,
        "this is not one YAML document; write keys: [{name: …, algorithm: hmac-sha256, secret: …}]")
      return (nil, [fault])
    }
    let keys = Value(node: root, path: Document.rootPath, source: source).keys() ?? []
    return (findings.errorCount == 0 ? keys : nil, findings.diagnostics)
  }
}

extension Value {
  fileprivate func keys() -> [TransferKey]? {
    guard let fields = secretFields(["keys"]), let list = fields.required("keys") else { return nil }
    guard list.node.sequence != nil else {
      list.report(.wrongType, "must be a list; write - {name: …, algorithm: hmac-sha256, secret: …}")
      return nil
    }
    var places: [DomainName: SourceLocation] = [:]
    return list.items(atMost: Limits.transferKeys)?.compactMap { item in
      guard let (key, location) = item.key() else { return nil }
      if let first = places[key.name] {
        source.findings.report(
          .duplicateName, at: location,
          "the key \(key.name.relativeDescription) is already defined at \(first); remove one of them")
      }
      places[key.name] = places[key.name] ?? location
      return key
    }
  }

  private func key() -> (TransferKey, SourceLocation)? {
    guard let fields = secretFields(["name", "algorithm", "secret"]) else { return nil }
    let nameValue = fields.required("name")
    let name = nameValue?.keyName()
    let algorithm = fields.required("algorithm")?.keyAlgorithm()
    let secretValue = fields.required("secret")
    let secret = secretValue?.keySecret()
    guard let nameValue, let name, let algorithm, let secretValue, let secret else { return nil }
    if secret.count < algorithm.size {
      secretValue.report(
        .weakKey,
        "has \(secret.count) octets, fewer than a signature of \(algorithm.rawValue); use \(algorithm.size), of a random "
          + "generator")
    }
    return (TransferKey(name: name, algorithm: algorithm, secret: secret), nameValue.location)
  }

  /// The fields of a mapping that has no others than `known`; a fault is reported.
  private func secretFields(_ known: Set<String>) -> FieldReader? {
    guard let mapping = node.mapping else {
      report(.wrongType, "must be a mapping with \(known.sorted().joined(separator: ", "))")
      return nil
    }
    for (key, _) in mapping where key.string.map({ !known.contains($0) }) ?? true {
      source.findings.report(
        .unknownField, at: source.location(key.mark),
        "\(path) has another field than \(known.sorted().joined(separator: ", ")); remove it")
    }
    return FieldReader(mapping, of: self)
  }

  private func keyName() -> DomainName? {
    if ScalarType(node) == .string, let text = scalarText, let name = try? DomainName(text), name != .root {
      return name
    }
    report(.invalidDNSName, "is not a domain name; write the name that the secondary has for the key")
    return nil
  }

  private func keyAlgorithm() -> TransferKey.Algorithm? {
    if let algorithm = scalarText.flatMap(TransferKey.Algorithm.init) { return algorithm }
    let known = TransferKey.Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
    report(.invalidValue, "is none of \(known); use one of these")
    return nil
  }

  private func keySecret() -> [UInt8]? {
    guard let text = scalarText, let secret = [UInt8](base64: text) else {
      report(.invalidValue, "is not base64; make a secret with 'openssl rand -base64 32'")
      return nil
    }
    guard secret.count >= TransferKey.minimumSecretSize, secret.count <= Limits.stringLength else {
      report(
        .invalidValue,
        "has \(secret.count) octets; use at least \(TransferKey.minimumSecretSize), better as many as the signature has"
      )
      return nil
    }
    return secret
  }
}

extension [UInt8] {
  /// Reads base64 with its padding (RFC 4648 §4); nil if it is anything else.
  init?(base64 text: String) {
    let digits = Array(text.utf8)
    let padding = digits.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard digits.count.isMultiple(of: 4), padding <= 2, !digits.isEmpty else { return nil }
    var octets: [UInt8] = []
    var bits: UInt32 = 0
    for (index, digit) in digits.dropLast(padding).enumerated() {
      guard let value = Self.value(ofBase64: digit) else { return nil }
      bits = bits << 6 | UInt32(value)
      if index % 4 == 0 { continue }
      let shift = UInt32(6 - 2 * (index % 4))
      octets.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
    // Bits that stand for nothing must be zero, so that a secret has one spelling.
    if padding > 0, bits & (padding == 1 ? 0b11 : 0b1111) != 0 { return nil }
    self = octets
  }

  private static func value(ofBase64 digit: UInt8) -> UInt8? {
    switch digit {
    case 0x41...0x5A: digit - 0x41
    case 0x61...0x7A: digit - 0x61 + 26
    case 0x30...0x39: digit - 0x30 + 52
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }
}
