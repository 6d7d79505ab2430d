import DNSWire

extension Value {
  /// A domain name, not the root; a fault is reported.
  func domainName() -> DomainName? {
    guard let text = string() else { return nil }
    do throws(DomainNameError) {
      let name = try DomainName(text)
      if name != .root { return name }
      report(.invalidDNSName, "is the root; write a name below it")
    } catch {
      report(.invalidDNSName, "'\(text.prefix(80))' is not a domain name: \(error); correct it")
    }
    return nil
  }

  /// A domain name of letters, digits and hyphens, as they are; a fault is reported.
  func hostname() -> DomainName? {
    guard let name = domainName(), let text = scalarText else { return nil }
    // Some are handed on as they are written, to programs that know no escapes.
    if name.isHostname, !text.utf8.contains(0x5C) { return name }
    if IPAddress(text) != nil {
      report(.invalidDNSName, "is the IP address \(text), which no name matches; write a host name")
    } else if name.isWildcard {
      report(.invalidDNSName, "'\(text)' is a wildcard, which is not allowed here; list the names one by one")
    } else {
      report(
        .invalidDNSName,
        "'\(text.prefix(80))' is not a host name; use labels of letters, digits and inner hyphens")
    }
    return nil
  }

  /// A host name, or `*.` and a host name; a fault is reported.
  func domainPattern() -> DomainPattern? {
    guard let text = scalarText, text.hasPrefix("*") else {
      return hostname().map { DomainPattern(name: $0, isWildcard: false) }
    }
    if string() == nil { return nil }
    var fault = ""
    do throws(DomainNameError) {
      let name = try DomainName(text.dropFirst(2))
      if text.hasPrefix("*."), name.isHostname, !text.utf8.contains(0x5C) {
        return DomainPattern(name: name, isWildcard: true)
      }
    } catch {
      fault = ": \(error)"
    }
    report(
      .invalidDNSName,
      "'\(text.prefix(80))' is not a pattern\(fault); use '*.' and a host name, such as '*.example.com'")
    return nil
  }

  /// A host name or an IP address, as text; a fault is reported.
  func hostOrAddress() -> String? {
    guard let text = string() else { return nil }
    return IPAddress(text) != nil || hostname() != nil ? text : nil
  }

  /// A Kubernetes object's name (a DNS-1123 subdomain); a fault is reported.
  func objectName() -> String? {
    guard let text = string() else { return nil }
    let labels = text.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard text.utf8.count <= Limits.objectName, labels.allSatisfy(Self.isLabel) else {
      report(
        .invalidName,
        "'\(text.prefix(80))' is not an object name; use small letters, digits, inner '-' and '.', "
          + "at most \(Limits.objectName)")
      return nil
    }
    return text
  }

  /// A name that is one DNS-1123 label, such as a namespace's; a fault is reported.
  func labelName() -> String? {
    guard let text = string() else { return nil }
    guard text.utf8.count <= Limits.label, Self.isLabel(text.utf8[...]) else {
      report(
        .invalidName,
        "'\(text.prefix(80))' is not a DNS label; use small letters, digits and inner '-', "
          + "at most \(Limits.label)")
      return nil
    }
    return text
  }

  private static func isLabel(_ octets: Substring.UTF8View) -> Bool {
    guard let first = octets.first, let last = octets.last else { return false }
    return first != 0x2D && last != 0x2D
      && octets.allSatisfy { $0.isASCIIDigit || $0.isASCIILowercaseLetter || $0 == 0x2D }
  }

  /// A mapping of `namespace` and `name`; faults are reported, unknown fields among them.
  func namespacedName() -> NamespacedName? {
    guard let fields = fields() else { return nil }
    let namespace = fields.required("namespace")?.labelName()
    let name = fields.required("name")?.objectName()
    fields.finish()
    guard let namespace, let name else { return nil }
    return NamespacedName(namespace: namespace, name: name)
  }
}
