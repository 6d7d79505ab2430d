import DNSWire

/// What text is written into octet by octet, without allocating for it.
protocol OctetSink: ~Copyable {
  /// Adds one octet, if there is room.
  mutating func append(octet: UInt8)
}

extension OctetSink where Self: ~Copyable {
  /// Adds ASCII text.
  mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { buffer in
      for index in buffer.indices { append(octet: unsafe buffer[index]) }
    }
  }

  /// Adds the first octets of a text.
  mutating func append(_ text: String, prefix: Int = .max) {
    for octet in text.utf8.prefix(prefix) { append(octet: octet) }
  }

  /// Adds a number in decimal.
  mutating func append(_ number: some BinaryInteger) {
    var divisor: UInt64 = 10_000_000_000_000_000_000
    let magnitude = UInt64(clamping: number.magnitude)
    if number < 0 { append(octet: 0x2D) }
    while divisor > 1, magnitude / divisor == 0 { divisor /= 10 }
    while divisor > 0 {
      append(octet: 0x30 + UInt8(truncatingIfNeeded: magnitude / divisor % 10))
      divisor /= 10
    }
  }

  /// Adds an address as text.
  mutating func append(_ address: IPAddress) {
    address.withText { text in
      for index in text.indices { append(octet: text[index]) }
    }
  }

  /// Adds a name's labels from `first` on, with dots; octets that do not print as themselves become `?`.
  mutating func append(_ name: borrowing QuestionName, from first: Int = 0) {
    for label in first..<name.labelCount {
      let start = name.start(ofLabel: label)
      for index in 0..<Int(name[start]) {
        let octet = name[start + 1 + index]
        append(octet: (0x21...0x7E).contains(octet) ? octet : 0x3F)
      }
      append(octet: 0x2E)
    }
  }

  /// Adds a number as 16 hexadecimal digits.
  mutating func append(hexadecimal number: UInt64) {
    for digit in 0..<16 {
      let value = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * digit)) & 0xF
      append(octet: value < 10 ? 0x30 + value : 0x57 + value)
    }
  }
}
