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
    ]
    for stub in stubs {
      lines += [
        "", "\(stub.name):53 {", "    errors",
        "    # The addresses that the node's pods ask. Where kube-proxy runs with IPVS, only the first.",
        "    bind \(addresses)", "    prometheus :9253",
      ]
      lines += stub.rewriteRules
      lines += CoreDNSText.forward(stub, request.servers)
      lines += ["    # No cache here: it would hand one client's answer to all pods of the node.", "}"]
    }
    text = lines.joined(separator: "\n") + "\n"
  }
}
