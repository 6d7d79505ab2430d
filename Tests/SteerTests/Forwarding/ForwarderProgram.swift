/// A forwarder from Debian.
enum ForwarderProgram: String, CaseIterable, Sendable {
  case dnsmasq, dnsdist, unbound, bind

  /// What runs it in the foreground with a configuration file.
  func command(file: String) -> [String] {
    switch self {
    // dnsmasq closes every descriptor that it inherits. Foundation takes that for its end, and waits for it, and for
    // nothing else meanwhile; a shell in between keeps them.
    case .dnsmasq:
      [
        "sh", "-c", "\"$@\" & wait", "sh", "dnsmasq", "--keep-in-foreground", "--log-facility=-",
        "--conf-file=\(file)",
      ]
    case .dnsdist: ["dnsdist", "--supervised", "--disable-syslog", "--config", file]
    case .unbound: ["unbound", "-d", "-p", "-c", file]
    case .bind: ["named", "-g", "-c", file]
    }
  }

  /// What a configuration has beside the part that Steer renders: where to listen, and whom to answer.
  func preamble(folder: WorkingFolder) -> String {
    let address = Lab.Place.resolver.address
    let address6 = Lab.Place.resolver.address6
    switch self {
    case .dnsmasq:
      return """
        no-resolv
        no-hosts
        bind-interfaces
        listen-address=\(address)
        listen-address=\(address6)
        pid-file
        user=root
        """
    case .dnsdist:
      return """
        setLocal("\(address):53")
        addLocal("[\(address6)]:53")
        setACL({"0.0.0.0/0", "::/0"})
        setSecurityPollSuffix("")
        """
    case .unbound:
      return """
        server:
            interface: \(address)
            interface: \(address6)
            access-control: 0.0.0.0/0 allow
            access-control: ::/0 allow
            num-threads: 1
            do-daemonize: no
            username: ""
            chroot: ""
            directory: "\(folder.path)"
            pidfile: ""
            use-syslog: no
        remote-control:
            control-enable: no
        """
    case .bind:
      return """
        options {
            directory "\(folder.path)";
            pid-file none;
            session-keyfile none;
            listen-on { \(address); };
            listen-on-v6 { \(address6); };
            dnssec-validation no;
        };
        controls { };
        """
    }
  }
}
