/// The server blocks for NodeLocal DNSCache.
struct NodeLocalText {
  let text: String

  init(_ request: ForwarderConfiguration.Request, _ stubs: [StubZone]) {
    let addresses =
      request.clusterDNS.map { "169.254.20.10 \($0)" } ?? "__PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__"
    var lines = [
      "# NodeLocal DNSCache: the server blocks of the zones that Steer steers. Add them to the Corefile in the ConfigMap",
      "# node-local-dns. A zone that is named in stubDomains of the ConfigMap kube-dns must be taken out there: the block",
      "# that is made from it has a cache and says nothing about the client.",
      "# An image with CoreDNS 1.12.3 or later: an older one does not know 'unset', and refuses to start. Many images of",
      "# NodeLocal DNSCache have 1.11.3; the log says at its start which.",
    ]
    for group in StubZone.grouped(stubs) {
      lines += [
        "", CoreDNSText.keys(of: group), "    errors",
        "    # The addresses that the other blocks have: those that the node's pods ask. With kube-proxy in IPVS mode only",
        "    # the first.",
        "    bind \(addresses)", "    prometheus :9253",
      ]
      lines += group[0].rewriteRules
      lines += CoreDNSText.forward(group, request.servers)
      lines += ["    # No cache here: it would hand one client's answer to all pods of the node.", "}"]
    }
    text = lines.joined(separator: "\n") + "\n"
  }
}
