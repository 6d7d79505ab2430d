/// What was decided about a request of a proxy, and all that the decision was made by.
public struct ProxyDecision: Sendable {
  /// Whether the connection is let through.
  public let isAllowed: Bool
  /// Why.
  public let reason: ProxyAuthorizer.Reason
  /// The route, by its index in the snapshot; nil if none has the listener.
  public let route: Int?
  /// `POLICY/RULE` that decided about the route; nil if none did.
  public let rule: String?
  /// `POLICY/RULE` that would have denied, were its policy not in Report mode.
  public let reportedRule: String?
  /// The client's namespace; nil if it is no pod.
  public let namespace: String?
  /// The client's service account; nil if it is no pod.
  public let serviceAccount: String?
  /// The name of the client's pod; nil if it is none.
  public let pod: String?
  /// What is known of the client: `pod`, `namespace`, `address block`, `node` or `unknown`.
  public let identity: String

  /// The same decision, but that the proxy cannot carry out what the policy allows.
  public func refused(_ reason: ProxyAuthorizer.Reason) -> ProxyDecision {
    ProxyDecision(
      isAllowed: false, reason: reason, route: route, rule: rule, reportedRule: reportedRule, namespace: namespace,
      serviceAccount: serviceAccount, pod: pod, identity: identity)
  }
}
