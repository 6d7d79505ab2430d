public import DNSWire

/// Who may use which routes: a DNS view and a proxy access list in one.
public struct EgressPolicy: Sendable {
  /// Whether a policy's denials take effect.
  public enum Mode: String, Sendable, CaseIterable {
    case enforce = "Enforce"
    /// Denials are only counted and logged.
    case report = "Report"
  }

  /// Whom a policy is about; exactly one of the three kinds is written.
  public enum Subject: Sendable {
    /// The namespaces whose labels match.
    case namespaces(LabelSelector)
    /// Pods of these service accounts.
    case serviceAccounts([NamespacedName])
    /// Clients in these blocks that are not pods.
    case ipBlocks([Located<IPBlock>])
  }

  /// The object's name.
  public var name: String
  /// Where `metadata.name` stands.
  public var location: SourceLocation
  /// Lower goes first.
  public var priority: Int32
  /// Where `spec.priority` stands, or the name where it is left out.
  public var priorityLocation: SourceLocation
  /// Whether denials take effect.
  public var mode: Mode
  /// Whom the policy is about.
  public var subject: Subject
  /// Where `spec.subject` stands.
  public var subjectLocation: SourceLocation
  /// The rules in order; the first that names a route decides it.
  public var rules: [EgressRule]
}

/// One rule of an `EgressPolicy`.
public struct EgressRule: Sendable {
  /// What a rule does.
  public enum Action: String, Sendable, CaseIterable {
    case allow = "Allow"
    case deny = "Deny"
  }

  /// The rule's name; `rule-N`, from 0, where none is written.
  public var name: String
  /// Where the rule stands.
  public var location: SourceLocation
  /// What it does.
  public var action: Action
  /// The routes it is about, as indexes into `PolicySet.routes`, in the order written.
  public var routes: [Int]
  /// Services that take the place of the routes' own, for this rule's subject; nil for the routes' own.
  public var backends: [Backend]?
}

/// A Kubernetes label selector; all requirements must hold, and none selects everything.
public struct LabelSelector: Hashable, Sendable {
  /// One requirement on a label.
  public enum Requirement: Hashable, Sendable {
    /// The label is one of the values (`matchLabels`, `In`).
    case among(key: String, values: Set<String>)
    /// The label is absent or none of the values (`NotIn`).
    case notAmong(key: String, values: Set<String>)
    /// The label is there, whatever its value (`Exists`).
    case exists(key: String)
    /// The label is absent (`DoesNotExist`).
    case absent(key: String)
  }

  /// What must hold.
  public var requirements: [Requirement]

  /// Whether labels satisfy every requirement.
  public func matches(_ labels: [String: String]) -> Bool {
    requirements.allSatisfy { requirement in
      switch requirement {
      case .among(let key, let values): labels[key].map(values.contains) ?? false
      case .notAmong(let key, let values): labels[key].map { !values.contains($0) } ?? true
      case .exists(let key): labels[key] != nil
      case .absent(let key): labels[key] == nil
      }
    }
  }
}
