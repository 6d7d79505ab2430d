extension ZoneGenerator {
  /// A type of data, those that name other hosts more often.
  mutating func dataType() -> String {
    pick([
      "A", "A", "A", "AAAA", "AAAA", "TXT", "TXT", "MX", "MX", "SRV", "SRV", "HTTPS", "SVCB", "NAPTR", "PTR", "CAA",
      "TLSA", "HINFO", "AFSDB", "SSHFP", "TYPE65280",
    ])
  }

  /// Adds a record of a type with data of its own.
  mutating func addRecord(_ type: String, at owner: GeneratedName) {
    let number = number(in: 0...65_535)
    switch type {
    case "A": add(owner, type, "192.0.\(number >> 8).\(number & 255)")
    case "AAAA": add(owner, type, "2001:db8::1:\(String(number, radix: 16))")
    case "TXT": add(owner, type, #""text \#(number)" "\000\255\"\\;( ""#)
    case "CAA": add(owner, type, "0 issue \"ca\(number).test\"")
    case "TLSA": add(owner, type, "3 1 1 " + String(repeating: hexadecimal(number), count: 16))
    case "SSHFP": add(owner, type, "4 2 " + String(repeating: hexadecimal(number), count: 16))
    case "HINFO": add(owner, type, "\"cpu \(number)\" \"os\"")
    case "TYPE65280": add(owner, type, "\\# 2 \(hexadecimal(number))")
    case "NAPTR": addNaming(type, at: owner, before: "\(number) 1 \"s\" \"SIP+D2U\" \"\"")
    case "SRV": addNaming(type, at: owner, before: "\(number) 1 53")
    case "HTTPS", "SVCB": addServiceBinding(type, at: owner, priority: number)
    case "PTR": addNaming(type, at: owner, before: "")
    default: addNaming(type, at: owner, before: "\(number)")
    }
  }

  private mutating func addNaming(_ type: String, at owner: GeneratedName, before: String) {
    let target = target()
    add(owner, type, before.isEmpty ? "\(target)" : "\(before) \(target)", target: target)
  }

  /// Adds a service binding; a root as its target stands for the owner (RFC 9460 §2.5.2).
  private mutating func addServiceBinding(_ type: String, at owner: GeneratedName, priority: Int) {
    let target = chance(40) ? GeneratedName([]) : target()
    if chance(20) {
      add(owner, type, "0 \(target)", target: target)
    } else {
      add(owner, type, "\(max(priority, 1)) \(target) alpn=h2 port=443", target: target)
    }
  }

  private func hexadecimal(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
