import Foundation
import Yams

extension ClusterAccess {
  /// The access that a kubeconfig file gives by a context; nil is its current one.
  ///
  /// Programs that make credentials are not run, and a server that nobody vouches for is not trusted.
  public static func kubeconfig(path: String, context: String? = nil) throws(ClusterAccessError) -> ClusterAccess {
    let octets = try AccessFile.read(path, what: "the kubeconfig")
    let kubeconfig: Kubeconfig
    do {
      kubeconfig = try YAMLDecoder().decode(Kubeconfig.self, from: Data(octets))
    } catch {
      throw ClusterAccessError("\(path) is no kubeconfig: \(Kubeconfig.place(of: error))")
    }
    do {
      return try kubeconfig.access(context: context, files: ReferredFiles(kubeconfig: path))
    } catch {
      throw ClusterAccessError("\(path): \(error.description)")
    }
  }
}

/// The files that a kubeconfig names, relative to its own folder.
struct ReferredFiles {
  let folder: String

  init(kubeconfig path: String) {
    folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
  }

  func path(_ file: String) -> String { file.hasPrefix("/") ? file : "\(folder)/\(file)" }

  /// What is given as Base64 in the kubeconfig itself, or else in a file; nil is neither.
  func content(data: String?, file: String?, what: String) throws(ClusterAccessError) -> [UInt8]? {
    if let data, !data.isEmpty {
      guard let content = Data(base64Encoded: data, options: .ignoreUnknownCharacters) else {
        throw ClusterAccessError("\(what) is no Base64")
      }
      return Array(content)
    }
    guard let file, !file.isEmpty else { return nil }
    return try AccessFile.read(path(file), what: what)
  }
}

extension Kubeconfig {
  /// Where and why it cannot be read, without its text: credentials may be there.
  fileprivate static func place(of error: any Error) -> String {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      return "line \(mark.line) is not YAML: \(problem)"
    case DecodingError.keyNotFound(let key, let context):
      return "\(field(context.codingPath)) has no \(key.stringValue)"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
      DecodingError.dataCorrupted(let context):
      return "\(field(context.codingPath)) is not as it must be"
    default: return "it is not YAML"
    }
  }

  private static func field(_ path: [any CodingKey]) -> String {
    path.isEmpty ? "the file" : path.map(\.stringValue).joined(separator: ".")
  }

  fileprivate func access(context name: String?, files: ReferredFiles) throws(ClusterAccessError) -> ClusterAccess {
    guard let name = name ?? currentContext, !name.isEmpty else {
      throw ClusterAccessError("there is no current-context; name a context")
    }
    guard let context = contexts?.first(where: { $0.name == name })?.context else {
      throw ClusterAccessError("there is no context '\(name)'; there are \(list(contexts?.map(\.name)))")
    }
    guard let cluster = clusters?.first(where: { $0.name == context.cluster })?.cluster else {
      throw ClusterAccessError("there is no cluster '\(context.cluster)', which the context '\(name)' names")
    }
    let namespace = context.namespace ?? ""
    return ClusterAccess(
      server: try cluster.checkedServer(name: context.cluster),
      namespace: namespace.isEmpty ? "default" : namespace,
      authorities: try files.content(
        data: cluster.authorityData, file: cluster.authorityFile,
        what: "the certificate authority of the cluster '\(context.cluster)'"),
      serverName: cluster.serverName.flatMap { $0.isEmpty ? nil : $0 },
      credentials: try credentials(of: context.user ?? "", files: files))
  }

  private func credentials(of name: String, files: ReferredFiles) throws(ClusterAccessError) -> Credentials {
    guard !name.isEmpty else { return Credentials() }
    guard let user = users?.first(where: { $0.name == name })?.user else {
      throw ClusterAccessError("there is no user '\(name)'; there are \(list(users?.map(\.name)))")
    }
    try user.refuseUnsupported(name: name)
    var credentials = Credentials()
    // As for kubectl, a file goes before what is written in the kubeconfig: it is the one that rotates.
    if let file = user.tokenFile, !file.isEmpty {
      credentials.token = .file(files.path(file))
    } else if let token = user.token, !token.isEmpty {
      credentials.token = .text(token)
    }
    let chain = try files.content(
      data: user.certificateData, file: user.certificateFile, what: "the client certificate of the user '\(name)'")
    let key = try files.content(
      data: user.keyData, file: user.keyFile, what: "the client key of the user '\(name)'")
    switch (chain, key) {
    case (let chain?, let key?): credentials.certificate = Credentials.Certificate(chain: chain, key: key)
    case (nil, nil): break
    default:
      throw ClusterAccessError(
        "the user '\(name)' has only one of client certificate and client key; it needs both")
    }
    return credentials
  }

  private func list(_ names: [String]?) -> String {
    guard let names, !names.isEmpty else { return "none" }
    return names.prefix(20).joined(separator: ", ")
  }
}

extension Kubeconfig.Cluster {
  fileprivate func checkedServer(name: String) throws(ClusterAccessError) -> String {
    if isInsecure == true {
      throw ClusterAccessError(
        "the cluster '\(name)' has insecure-skip-tls-verify: anyone could be its API server; "
          + "give its certificate-authority-data instead")
    }
    if let proxy, !proxy.isEmpty {
      throw ClusterAccessError("the cluster '\(name)' has a proxy-url, by which no connection is made")
    }
    guard let server, !server.isEmpty else { throw ClusterAccessError("the cluster '\(name)' has no server") }
    return server
  }
}

extension Kubeconfig.User {
  /// What is refused, so that nobody takes for access what is none.
  fileprivate func refuseUnsupported(name user: String) throws(ClusterAccessError) {
    let remedy = "give it the token of a service account (kubectl create token) by tokenFile, or a client certificate"
    if let exec {
      throw ClusterAccessError(
        "the user '\(user)' has its credentials made by the program '\(exec.command ?? "")' (exec), "
          + "which is not run; \(remedy), or run `kubectl proxy --port 8001`, which has them made, and name a kubeconfig "
          + "whose server is http://127.0.0.1:8001")
    }
    if let provider {
      throw ClusterAccessError(
        "the user '\(user)' has the auth-provider '\(provider.name ?? "")', which is not known; \(remedy)")
    }
    if name?.isEmpty == false || password?.isEmpty == false {
      throw ClusterAccessError(
        "the user '\(user)' has a name and a password, which no API server takes any more; \(remedy)")
    }
    if impersonated?.isEmpty == false {
      throw ClusterAccessError("the user '\(user)' is to act as another (as), which is not done; \(remedy)")
    }
  }
}
