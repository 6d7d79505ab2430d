import TestSupport
import Testing

@testable import ProxyRoutes

@Suite struct LineSplitterTests {
  private func lines(_ splitter: inout LineSplitter, _ octets: [UInt8]) -> [LineSplitter.Line] {
    splitter.append(octets)
    var lines: [LineSplitter.Line] = []
    while let line = splitter.next() { lines.append(line) }
    return lines
  }

  @Test(arguments: UInt64(1)...50)
  func linesAreTheSameHoweverTheirOctetsCome(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let limit = 8
    let text: [UInt8] = (0..<400).map { _ in
      [0x0A, 0x0A, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66].randomElement(using: &generator) ?? 0
    }
    var expected: [LineSplitter.Line] = []
    for line in text.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
      expected.append(line.count > limit ? .truncated(Array(line.prefix(limit))) : .whole(Array(line)))
    }
    var splitter = LineSplitter(limit: limit)
    var found: [LineSplitter.Line] = []
    var rest = text[...]
    while !rest.isEmpty {
      let part = rest.prefix(.random(in: 1...20, using: &generator))
      rest = rest.dropFirst(part.count)
      found += lines(&splitter, Array(part))
    }
    // A last line without an end is told of only if it is too long already.
    let last = text.split(separator: 0x0A, omittingEmptySubsequences: false).last ?? []
    if last.count > limit { expected.append(.truncated(Array(last.prefix(limit)))) }
    #expect(found == expected)
  }
}
