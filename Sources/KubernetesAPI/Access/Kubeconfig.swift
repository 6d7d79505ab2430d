/// A kubeconfig file's content, as far as it is read.
struct Kubeconfig: Decodable {
  struct Cluster: Decodable {
    var server: String?
    var authorityFile: String?
    var authorityData: String?
    var serverName: String?
    var isInsecure: Bool?
    var proxy: String?

    enum CodingKeys: String, CodingKey {
      case server
      case authorityFile = "certificate-authority"
      case authorityData = "certificate-authority-data"
      case serverName = "tls-server-name"
      case isInsecure = "insecure-skip-tls-verify"
      case proxy = "proxy-url"
    }
  }

  struct User: Decodable {
    var token: String?
    var tokenFile: String?
    var certificateFile: String?
    var certificateData: String?
    var keyFile: String?
    var keyData: String?
    var name: String?
    var password: String?
    var impersonated: String?
    var exec: Program?
    var provider: Provider?

    enum CodingKeys: String, CodingKey {
      case token
      case tokenFile
      case certificateFile = "client-certificate"
      case certificateData = "client-certificate-data"
      case keyFile = "client-key"
      case keyData = "client-key-data"
      case name = "username"
      case password
      case impersonated = "as"
      case exec
      case provider = "auth-provider"
    }
  }

  struct Program: Decodable {
    var command: String?
  }

  struct Provider: Decodable {
    var name: String?
  }

  struct Context: Decodable {
    var cluster: String
    var user: String?
    var namespace: String?
  }

  struct NamedCluster: Decodable {
    var name: String
    var cluster: Cluster
  }

  struct NamedUser: Decodable {
    var name: String
    var user: User
  }

  struct NamedContext: Decodable {
    var name: String
    var context: Context
  }

  var clusters: [NamedCluster]?
  var users: [NamedUser]?
  var contexts: [NamedContext]?
  var currentContext: String?

  enum CodingKeys: String, CodingKey {
    case clusters
    case users
    case contexts
    case currentContext = "current-context"
  }
}
