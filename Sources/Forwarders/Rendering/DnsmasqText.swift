/// The configuration for dnsmasq.
struct DnsmasqText {
  let text: String

  init(_ request: ForwarderConfiguration.Request, _ stubs: [StubZone]) {
    var lines = [
      "# dnsmasq: what makes it say who asked. Put it into a file of its own, such as /etc/dnsmasq.d/steer.conf.",
      "",
      "# Takes the subnet away that a client sent itself. Without this line dnsmasq forwards it unchanged, and a client",
      "# could be anyone.",
      "strip-subnet",
      "# Adds the client's whole address. dnsmasq does not cache what it asked for one client. This is so for every server",
      "# that it asks, so let a dnsmasq that forwards to the outside do nothing else.",
      "add-subnet=32,128",
    ]
    for stub in stubs {
      lines += ["", "# \(stub.name) is asked of Steer alone."]
      lines += request.servers.map { "server=/\(stub.name)/\($0.address)#\($0.port)" }
      lines += [
        "# Its answers are private addresses, which stop-dns-rebind would drop.",
        "rebind-domain-ok=/\(stub.name)/",
      ]
    }
    text = lines.joined(separator: "\n") + "\n"
  }
}
