import DNSWire

/// The configuration for BIND: a view for each namespace.
struct BINDText {
  let text: String

  init(_ request: ForwarderConfiguration.Request, _ stubs: [StubZone]) {
    var lines = [
      "// BIND: the zones that Steer steers. BIND says nothing about its clients when it forwards, so each namespace has a",
      "// view of its own that forwards to the listener that answers for that namespace. Where one zone is in a view,",
      "// every zone must be: put your own into each view too, and on Debian the include of named.conf.default-zones, which",
      "// else keeps BIND from starting.",
      "// The addresses are those of the pods as they are now. Render this anew whenever they change; better, give each",
      "// namespace a block of addresses of its own, and name that here.",
    ]
    for view in request.views {
      lines += ["", "acl \"steer-\(view.namespace)\" {"]
      let clients = Set(view.clients).sorted()
      lines += clients.isEmpty ? ["    none;  // no pod has an address of its own"] : clients.map { "    \($0);" }
      lines += [
        "};", "view \"steer-\(view.namespace)\" {", "    match-clients { \"steer-\(view.namespace)\"; };",
        "    recursion yes;", "    allow-recursion { \"steer-\(view.namespace)\"; };",
        "    // Nothing is kept: each question is decided by the policy as it is then.",
        "    max-cache-ttl 0;", "    max-ncache-ttl 0;",
        "    // Names inside are not signed, whatever the root says.",
        "    validate-except { \(stubs.map { "\"\($0.name)\";" }.joined(separator: " ")) };",
      ]
      if stubs.contains(where: \.isReverse) {
        lines += [
          "    // Else BIND answers for the reverse zones of private addresses itself.", "    empty-zones-enable no;",
        ]
      }
      for stub in stubs {
        lines += [
          "    zone \"\(stub.name)\" {", "        type forward;",
          "        // Only there: asking elsewhere would tell the outside, or let in what the policy hides.",
          "        forward only;",
          "        forwarders { \(view.endpoints.map { "\($0.address) port \($0.port);" }.joined(separator: " ")) };",
          "    };",
        ]
      }
      lines.append("};")
    }
    lines += [
      "", "// A client of no namespace above is refused. This view stands last: the first that matches is taken.",
      "view \"steer-unknown\" {", "    match-clients { any; };", "    recursion no;", "    allow-query { none; };",
      "};",
    ]
    text = lines.joined(separator: "\n") + "\n"
  }
}
