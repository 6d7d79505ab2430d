/// What kind of fault a master file has.
///
/// The raw value is what users see in brackets and may search for.
public enum ZoneFaultCode: String, Sendable, CaseIterable {
  /// The master file cannot be read, or is larger than the limits allow.
  case unreadable = "zone-file"
  /// An entry is not in master file format (RFC 1035 §5).
  case syntax = "zone-syntax"
  /// A `$INCLUDE` cannot be followed.
  case include = "zone-include"
  /// The apex has no SOA record.
  case withoutSOA = "zone-without-soa"
  /// The apex has SOA records that differ.
  case severalSOA = "zone-several-soa"
  /// The apex has no NS record.
  case withoutNS = "zone-without-ns"
  /// An owner name, or a SOA record's, is not where the zone allows it.
  case outside = "zone-outside"
  /// A name has a CNAME record and other data (RFC 1034 §3.6.2).
  case cnameConflict = "zone-cname-conflict"
  /// A name has several DNAME records (RFC 6672 §2.4).
  case severalDNAME = "zone-several-dname"
  /// A name below a DNAME record has records (RFC 6672 §2.4).
  case belowDNAME = "zone-below-dname"
  /// A name below the apex has DNAME and NS records (RFC 6672 §2.3). A warning.
  case dnameAtDelegation = "zone-dname-delegation"
  /// An RRset is larger than any DNS message.
  case oversizedRRset = "zone-rrset-too-large"
  /// A name server below a delegation has no address (RFC 1034 §4.2.1). A warning.
  case missingGlue = "zone-missing-glue"
  /// A name server in the zone has no address. A warning, as the policy may give it one.
  case serverWithoutAddress = "zone-ns-without-address"
  /// A NS, MX or SRV record names an alias (RFC 2181 §10.3, RFC 2782). A warning.
  case aliasTarget = "zone-alias-target"
  /// The records of an RRset have different TTLs; the lowest is used (RFC 2181 §5.2). A warning.
  case ttlMismatch = "zone-ttl-mismatch"
  /// A record's class is not IN.
  case recordClass = "zone-class"

  /// Whether a zone with the fault is usable, repaired or as it is.
  public var isWarning: Bool {
    switch self {
    case .ttlMismatch, .dnameAtDelegation, .missingGlue, .serverWithoutAddress, .aliasTarget: true
    default: false
    }
  }
}

/// A fault of a master file and where it stands.
public struct ZoneFault: Error, Hashable, Sendable {
  /// The kind of fault.
  public var code: ZoneFaultCode
  /// The path of the file, as the reader was asked for it.
  public var file: String
  /// The line on which the faulty entry starts, counted from 1.
  public var line: Int
  /// What is wrong, and what to do about it where that is known.
  public var message: String
  /// Whether the zone is usable despite the fault.
  public var isWarning: Bool { code.isWarning }

  /// A fault of a place.
  public init(code: ZoneFaultCode, file: String, line: Int, message: String) {
    self.code = code
    self.file = file
    self.line = line
    self.message = message
  }

  /// A fault of a record.
  init(_ code: ZoneFaultCode, _ entry: ZoneRecord, _ message: String) {
    self.init(code: code, file: entry.file, line: entry.line, message: message)
  }
}

extension ZoneFault: CustomStringConvertible {
  /// The fault as compilers print one: `path:line: error: message [code]`.
  public var description: String {
    "\(file):\(line): \(isWarning ? "warning" : "error"): \(message) [\(code.rawValue)]"
  }
}

/// A fault of one entry, before its place is known.
struct EntryFault: Error {
  var code: ZoneFaultCode = .syntax
  var message: String

  init(_ message: String, code: ZoneFaultCode = .syntax) {
    self.code = code
    self.message = message
  }
}
