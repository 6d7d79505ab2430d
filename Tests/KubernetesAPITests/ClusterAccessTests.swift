import Foundation
import KubernetesAPI
import Logging
import TestSupport
import Testing

@Suite struct InClusterTests {
  private static let environment = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]

  private static func write(_ files: [String: String], to folder: URL) throws {
    for (name, content) in files {
      try Data(content.utf8).write(to: folder.appendingPathComponent(name))
    }
  }

  @Test func aPodHasAccessByItsServiceAccount() throws {
    try TemporaryFolder.with { folder in
      try Self.write(["token": "a.b.c\n", "ca.crt": "PEM", "namespace": "intra-proxy\n"], to: folder)
      let access = try ClusterAccess.inCluster(environment: Self.environment, folder: folder.path)
      #expect(access.server == "https://10.96.0.1:443")
      #expect(access.namespace == "intra-proxy")
      #expect(access.authorities == Array("PEM".utf8))
      #expect(access.credentials.token == .file(folder.path + "/token"))
    }
  }

  @Test func anAddressOfIPv6IsInBrackets() throws {
    try TemporaryFolder.with { folder in
      try Self.write(["token": "a", "ca.crt": "PEM", "namespace": "n"], to: folder)
      let access = try ClusterAccess.inCluster(
        environment: ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443"], folder: folder.path)
      #expect(access.server == "https://[fd00::1]:6443")
    }
  }

  @Test func outsideOfAClusterTheErrorSaysWhatToName() {
    #expect { try ClusterAccess.inCluster(environment: [:]) } throws: { "\($0)".contains("kubeconfig") }
  }

  @Test(arguments: ["token", "ca.crt", "namespace"]) func aMissingFileIsNamedWithTheRemedy(name: String) throws {
    try TemporaryFolder.with { folder in
      try Self.write(["token": "a", "ca.crt": "PEM", "namespace": "n"].filter { $0.key != name }, to: folder)
      #expect { try ClusterAccess.inCluster(environment: Self.environment, folder: folder.path) } throws: {
        "\($0)".contains("\(folder.path)/\(name)") && "\($0)".contains("automountServiceAccountToken")
      }
    }
  }
}

@Suite struct KubeconfigTests {
  /// The access by a kubeconfig with this user and cluster, beside files.
  private static func access(
    user: String = "token: abc", cluster: String = "server: https://k8s.example:6443", context: String? = nil,
    files: [String: String] = [:]
  ) throws -> ClusterAccess {
    try TemporaryFolder.with { folder in
      for (name, content) in files { try Data(content.utf8).write(to: folder.appendingPathComponent(name)) }
      let text = """
        apiVersion: v1
        kind: Config
        current-context: one
        contexts:
          - name: one
            context: {cluster: c, user: u, namespace: team-a}
          - name: two
            context: {cluster: c}
        clusters:
          - name: c
            cluster: {\(cluster)}
        users:
          - name: u
            user: {\(user)}
        """
      let path = folder.appendingPathComponent("config")
      try Data(text.utf8).write(to: path)
      return try ClusterAccess.kubeconfig(path: path.path, context: context)
    }
  }

  @Test func theCurrentContextIsTaken() throws {
    let access = try Self.access()
    #expect(access.server == "https://k8s.example:6443")
    #expect(access.namespace == "team-a")
    #expect(access.credentials.token == .text("abc"))
    #expect(access.authorities == nil)
  }

  @Test func aPasswordInTheAddressIsRefusedAndNotRepeated() throws {
    let access = try Self.access(cluster: "server: 'https://admin:geheim@k8s.example:6443'")
    #expect {
      try KubernetesClient(access, logger: Logger(label: "test"))
    } throws: {
      "\($0)".contains("use a token") && !"\($0)".contains("geheim")
    }
  }

  @Test func theProxyOfKubectlNeedsNoUser() throws {
    let access = try Self.access(cluster: "server: http://127.0.0.1:8001", context: "two")
    #expect(access.credentials.token == nil && access.credentials.certificate == nil)
    #expect(access.server == "http://127.0.0.1:8001")
  }

  @Test func anotherContextCanBeNamed() throws {
    let access = try Self.access(context: "two")
    #expect(access.namespace == "default")
    #expect(access.credentials.token == nil)
    #expect { try Self.access(context: "three") } throws: { "\($0)".contains("one, two") }
  }

  @Test func filesAreRelativeToTheKubeconfig() throws {
    let access = try Self.access(
      user: "tokenFile: token, client-certificate: a.crt, client-key: a.key",
      cluster: "server: https://k8s.example, certificate-authority: ca.crt, tls-server-name: kubernetes",
      files: ["a.crt": "CHAIN", "a.key": "KEY", "ca.crt": "CA"])
    guard case .file(let path) = access.credentials.token else {
      Issue.record("no token file")
      return
    }
    #expect(path.hasSuffix("/token"))
    #expect(path.hasPrefix("/"))
    #expect(access.authorities == Array("CA".utf8))
    #expect(access.serverName == "kubernetes")
    #expect(
      access.credentials.certificate == Credentials.Certificate(chain: Array("CHAIN".utf8), key: Array("KEY".utf8)))
  }

  @Test func dataIsBase64AndGoesBeforeFiles() throws {
    let access = try Self.access(
      user: "client-certificate-data: Q0hBSU4=, client-certificate: nowhere, client-key-data: S0VZ",
      cluster: "server: https://k8s.example, certificate-authority-data: Q0E=, certificate-authority: nowhere")
    #expect(access.authorities == Array("CA".utf8))
    #expect(access.credentials.certificate?.chain == Array("CHAIN".utf8))
  }

  @Test(arguments: [
    ("exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}", "'aws' (exec)"),
    ("exec: {command: aws}", "`kubectl proxy --port 8001`"),
    ("auth-provider: {name: oidc}", "'oidc'"),
    ("username: admin, password: secret", "a name and a password"),
    ("token: abc, as: root", "(as)"),
    ("client-certificate-data: Q0E=", "only one of"),
    ("client-certificate-data: '***', client-key-data: S0VZ", "Base64"),
    ("client-certificate: nowhere.crt, client-key: nowhere.key", "nowhere.crt"),
  ])
  func whatIsNotSupportedIsRefused(user: String, words: String) {
    #expect { try Self.access(user: user) } throws: { error in
      "\(error)".contains(words) && "\(error)".contains("'u'") && !"\(error)".contains("secret")
    }
  }

  @Test(arguments: [
    ("server: https://k8s.example, insecure-skip-tls-verify: true", "certificate-authority-data"),
    ("server: https://k8s.example, proxy-url: http://p", "proxy-url"),
    ("certificate-authority-data: Q0E=", "no server"),
  ])
  func anUnsafeClusterIsRefused(cluster: String, words: String) {
    #expect { try Self.access(cluster: cluster) } throws: { "\($0)".contains(words) && "\($0)".contains("'c'") }
  }

  @Test func whatIsNoKubeconfigIsSaidWithItsPath() throws {
    try TemporaryFolder.with { folder in
      let path = folder.appendingPathComponent("config").path
      #expect { try ClusterAccess.kubeconfig(path: path) } throws: { "\($0)".contains(path) }
      for text in ["", "]", "- a", "contexts: 1", "users: [{name: u, user: {token: [secret]}}]", "token: 'secret"] {
        try Data(text.utf8).write(to: URL(filePath: path))
        #expect { try ClusterAccess.kubeconfig(path: path) } throws: {
          "\($0)".contains(path) && !"\($0)".contains("secret")
        }
      }
    }
  }
}

@Suite struct EndpointTests {
  @Test(arguments: [
    "", "k8s.example", "ftp://k8s.example", "https://", "https://user:secret@k8s.example", "https://k8s.example?a=b",
  ])
  func whatIsNoAddressIsRefused(server: String) {
    #expect(throws: ClusterAccessError.self) {
      try KubernetesClient(ClusterAccess(server: server), logger: Logger(label: "test"))
    }
  }

  @Test func plainHTTPIsForTheSameMachineOnly() async throws {
    #expect {
      try KubernetesClient(ClusterAccess(server: "http://10.96.0.1"), logger: Logger(label: "test"))
    } throws: {
      "\($0)".contains("https")
    }
    await #expect(throws: Never.self) {
      try await KubernetesClient(ClusterAccess(server: "http://127.0.0.1:8001"), logger: Logger(label: "test"))
        .shutdown()
    }
  }

  @Test func whatIsNoCertificateIsRefused() {
    #expect {
      try KubernetesClient(
        ClusterAccess(server: "https://k8s.example", authorities: Array("nonsense".utf8)),
        logger: Logger(label: "test"))
    } throws: { "\($0)".contains("certificate authority") }
  }
}
