import DNSWire
import Testing

@Suite struct IPAddressTests {
  @Test(arguments: ["0.0.0.0", "10.96.7.10", "255.255.255.255", "::1", "fd00:96::7:10", "2001:db8::"])
  func textGoesOutAsItCameIn(text: String) throws {
    let address = try #require(IPAddress(text))
    #expect(address.description == text)
    #expect(IPAddress(octets: address.octets) == address)
  }

  @Test(arguments: ["", "10.0.0", "10.0.0.256", "010.0.0.1", "::1%lo", "1::2::3", "10.0.0.1/8"])
  func whatIsNoAddressIsNil(text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test func mappedIPv6IsTheIPv4Address() {
    #expect(IPAddress("::ffff:10.8.1.5") == IPAddress("10.8.1.5"))
  }

  @Test func blocksHoldTheirAddressesOnly() throws {
    let block = try IPBlock("10.8.4.0/22")
    #expect(block.contains(try #require(IPAddress("10.8.7.255"))))
    #expect(!block.contains(try #require(IPAddress("10.8.8.0"))))
    let everyIPv6 = try IPBlock("::/0")
    #expect(!everyIPv6.contains(try #require(IPAddress("10.8.4.1"))))
    #expect(try IPBlock("fd00::/8").contains(try #require(IPAddress("fdff::1"))))
    #expect(block.description == "10.8.4.0/22")
  }

  @Test func badBlocksAreRefusedByTheirFault() {
    #expect(throws: IPBlockError.hostBitsSet(network: "10.8.4.0/22")) { try IPBlock("10.8.4.1/22") }
    #expect(throws: IPBlockError.badPrefixLength) { try IPBlock("10.8.4.0/33") }
    #expect(throws: IPBlockError.badPrefixLength) { try IPBlock("10.8.4.0/022") }
    #expect(throws: IPBlockError.badPrefixLength) { try IPBlock("10.8.4.0/") }
    #expect(throws: IPBlockError.badPrefixLength) { try IPBlock("10.8.4.0/+8") }
    #expect(throws: IPBlockError.malformed) { try IPBlock("10.8.4.0") }
  }
}
