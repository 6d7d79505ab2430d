internal import CLDNS

/// The record types that libldns has a mnemonic for.
public enum LDNSTypes {
  /// Their numbers by their mnemonics.
  public static let numbers: [String: UInt16] = (1...UInt16.max).reduce(into: [:]) { numbers, number in
    guard let descriptor = unsafe ldns_rr_descript(number), let name = unsafe descriptor.pointee._name else { return }
    let text = unsafe String(cString: name)
    if !text.hasPrefix("TYPE") { numbers[text] = number }
  }
}
