import DNSWire

/// A name server from Debian as a secondary of Steer's zones.
enum SecondaryProgram: String, CaseIterable, Sendable {
  case knot, nsd, bind

  /// What runs it in the foreground with a configuration file.
  func command(file: String) -> [String] {
    switch self {
    case .knot: ["knotd", "-c", file]
    // NSD closes every descriptor that it inherits, which Foundation takes for its end, and waits for it; a shell in
    // between keeps them, and hands on what asks it to end.
    case .nsd: ["sh", "-c", "\"$@\" & trap \"kill $!\" TERM; wait; wait", "sh", "nsd", "-d", "-c", file]
    case .bind: ["named", "-g", "-c", file]
    }
  }

  /// Whether one server has several views of a zone; of the others there is one for each view.
  var hasViews: Bool { self == .bind }

  /// What a configuration has beside its zones: where the server listens, and where it keeps its files.
  func preamble(port: UInt16, folder: String) -> String {
    switch self {
    case .knot:
      """
      server:
        listen: 127.0.0.1@\(port)
        rundir: \(folder)
      database:
        storage: \(folder)
      control:
        listen: \(folder)/knot.sock
      log:
      - target: stderr
        any: info
      template:
      - id: default
        storage: \(folder)

      """
    case .nsd:
      """
      server:
        ip-address: 127.0.0.1
        port: \(port)
        server-count: 1
        username: ""
        chroot: ""
        zonesdir: "\(folder)"
        database: ""
        zonelistfile: "\(folder)/zone.list"
        xfrdfile: "\(folder)/xfrd.state"
        xfrdir: "\(folder)"
        pidfile: "\(folder)/nsd.pid"
        verbosity: 2
      remote-control:
        control-enable: no

      """
    case .bind:
      """
      options {
        directory "\(folder)";
        pid-file none;
        session-keyfile none;
        listen-on port \(port) { 127.0.0.1; };
        listen-on-v6 { none; };
        recursion no;
        dnssec-validation no;
        notify no;
      };
      controls { };

      """
    }
  }

  /// The part of a configuration that makes it a secondary of `zones` in `views`, for `readers` to copy.
  func configuration(
    _ views: [SecondaryView], of zones: [String], primary: Endpoint, readers: String
  ) -> String {
    switch self {
    case .knot: views.map { knot($0, zones, primary, readers) }.joined()
    case .nsd: views.map { nsd($0, zones, primary, readers) }.joined()
    case .bind: views.map { bind($0, zones, primary, readers) }.joined()
    }
  }

  private func knot(
    _ view: SecondaryView, _ zones: [String], _ primary: Endpoint, _ readers: String
  ) -> String {
    """
    key:
    - id: \(view.key)
      algorithm: \(view.algorithm)
      secret: \(view.secret)
    remote:
    - id: steer
      address: \(primary.address)@\(primary.port)
      key: \(view.key)
    acl:
    - id: steer-notifies
      address: \(primary.address)
      key: \(view.key)
      action: notify
    - id: readers
      address: \(readers)
      action: transfer
    zone:

    """
      + zones.map { zone in
        """
        - domain: \(zone)
          master: steer
          acl: [steer-notifies, readers]

        """
      }.joined()
  }

  private func nsd(
    _ view: SecondaryView, _ zones: [String], _ primary: Endpoint, _ readers: String
  ) -> String {
    """
    key:
      name: \(view.key)
      algorithm: \(view.algorithm)
      secret: "\(view.secret)"

    """
      + zones.map { zone in
        """
        zone:
          name: \(zone)
          zonefile: \(zone).zone
          request-xfr: \(primary.address)@\(primary.port) \(view.key)
          allow-notify: \(primary.address) \(view.key)
          provide-xfr: \(readers) NOKEY

        """
      }.joined()
  }

  private func bind(
    _ view: SecondaryView, _ zones: [String], _ primary: Endpoint, _ readers: String
  ) -> String {
    """
    key "\(view.key)" {
      algorithm \(view.algorithm);
      secret "\(view.secret)";
    };
    view "\(view.name)" {
      match-clients { key "\(view.key)"; \(view.client); };
      allow-transfer { \(readers); };

    """
      + zones.map { zone in
        """
          zone "\(zone)" {
            type secondary;
            file "\(view.name).\(zone).zone";
            primaries { \(primary.address) port \(primary.port) key "\(view.key)"; };
            allow-notify { key "\(view.key)"; };
          };

        """
      }.joined() + "};\n"
  }
}

/// One view of the zones, as a secondary has it.
struct SecondaryView: Sendable {
  /// The namespace.
  var name: String
  /// The address of a pod of the namespace, or the block of all.
  var client: String
  var algorithm: String
  /// The key's secret in base64.
  var secret: String

  /// The key's name.
  var key: String { "\(name).secondary" }

  /// The views of the example's policy that have something to see.
  static let all = [
    SecondaryView(
      name: "team-a", client: "127.0.0.11", algorithm: "hmac-sha256",
      secret: "c2VjcmV0IG9mIHRlYW0tYSwgMzIgb2N0ZXRzIGxvbmc="),
    SecondaryView(
      name: "team-b", client: "127.0.0.12", algorithm: "hmac-sha512",
      secret: "c2VjcmV0IG9mIHRlYW0tYiwgc2l4dHktZm91ciBvY3RldHMgbG9uZywgYXMgaG1hYy1zaGE1MTIgd2FudHMgaXQu"),
  ]

  /// Everything as a client's command line takes it.
  var commandKey: String { "\(algorithm):\(key):\(secret)" }

  /// A server's file of all keys.
  static var keyFile: String {
    "keys:\n"
      + all.map { "- {name: \($0.key), algorithm: \($0.algorithm), secret: \"\($0.secret)\"}\n" }.joined()
  }
}
