public import Foundation

extension TestAPIServer {
  /// Accepts a token, and those before no more if `others` are refused.
  public func accept(token: String, refusingOthers: Bool = false) {
    responder.settings.withLock { settings in
      if refusingOthers { settings.access.users = [:] }
      settings.access.users[token] = Self.user
    }
  }

  /// Takes a right from all users, or gives it back.
  public func forbid(_ verb: APIVerb, _ resource: APIResource, status: Bool = false, _ isForbidden: Bool = true) {
    let denial = Access.Denial(verb: verb, resource: resource, isStatus: status)
    responder.settings.withLock { settings in
      if isForbidden { settings.access.denials.insert(denial) } else { settings.access.denials.remove(denial) }
    }
  }

  /// Where it is.
  public var url: String { "https://127.0.0.1:\(port)" }

  /// A kubeconfig with a token, or, without one, with the client certificate; YAML that is JSON.
  public func kubeconfig(token: String? = TestAPIServer.firstToken, namespace: String = "intra-proxy") -> String {
    let user: JSON
    if let token {
      user = ["token": .string(token)]
    } else {
      user = [
        "client-certificate-data": .string(Self.base64(TestCertificates.client)),
        "client-key-data": .string(Self.base64(TestCertificates.clientKey)),
      ]
    }
    let config: JSON = [
      "apiVersion": "v1", "kind": "Config", "current-context": "test",
      "contexts": [
        ["name": "test", "context": ["cluster": "test", "user": "test", "namespace": .string(namespace)]]
      ],
      "clusters": [
        [
          "name": "test",
          "cluster": [
            "server": .string(url), "certificate-authority-data": .string(Self.base64(TestCertificates.authority)),
          ],
        ]
      ],
      "users": [["name": "test", "user": user]],
    ]
    return String(decoding: config.pretty, as: UTF8.self)
  }

  /// Writes what a pod finds in `/var/run/secrets/kubernetes.io/serviceaccount`: `token`, `ca.crt`, `namespace`.
  public func writeServiceAccount(
    to folder: URL, token: String = TestAPIServer.firstToken, namespace: String = "intra-proxy"
  ) throws {
    try Data(token.utf8).write(to: folder.appending(path: "token"))
    try Data(TestCertificates.authority.utf8).write(to: folder.appending(path: "ca.crt"))
    try Data(namespace.utf8).write(to: folder.appending(path: "namespace"))
  }

  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
