import SteeringPolicy

/// The policies' rules, flat, and which policies select which class of clients: what decides, in order.
///
/// A class is a set of clients that every policy treats alike: a namespace, a service account that a policy names,
/// or the addresses of a block. Class 0 is that of clients no policy selects.
struct RuleTable: Sendable {
  /// A policy.
  struct Policy: Sendable {
    var name: String
    var priority: Int32
    var mode: EgressPolicy.Mode
    var rules: Range<UInt32>
  }

  /// A rule; its routes are a range of `routes`, with a variant for each.
  struct Rule: Sendable {
    var name: String
    var policy: UInt32
    var action: EgressRule.Action
    var routes: Range<UInt32>
  }

  /// A class and a route.
  struct Case: Hashable, Sendable {
    var clientClass: UInt32
    var route: UInt32
  }

  /// Two rules of one priority that decide differently.
  struct Tie: Sendable {
    var first: UInt32
    var second: UInt32
  }

  /// Policies by priority, then name.
  var policies: [Policy] = []
  var rules: [Rule] = []
  /// The routes of the rules, and beside each the variant that the rule answers it with.
  var routes: [UInt32] = []
  var variants: [UInt32] = []
  /// Per class its policies in order, a range of `classPolicies`.
  var classes: [Range<UInt32>] = [0..<0]
  var classPolicies: [UInt32] = []
  /// What is denied because rules tie about it.
  var ties: [Case: Tie] = [:]

  /// What decided about a route, and how.
  struct Decision: Sendable {
    var outcome: RouteOutcome
    /// The rule that allowed or denied; nil if none did.
    var rule: UInt32?
    /// The rule that would have denied before that, were its policy not in Report mode.
    var reportedRule: UInt32?
    /// The rule that decides otherwise at the same priority, for which the route is denied.
    var tiedRule: UInt32?
  }

  /// Decides about a route for a class by walking its policies: the first rule that names the route decides.
  ///
  /// A denial of a policy in Report mode is remembered and passed over. Where no rule decides, the route is
  /// prohibited, unless every policy that selects the class is in Report mode.
  func decide(class clientClass: UInt32, route: UInt32, ownVariant: UInt32) -> Decision {
    if let tie = ties[Case(clientClass: clientClass, route: route)] {
      return Decision(outcome: .blocked, rule: tie.first, tiedRule: tie.second)
    }
    var reported: UInt32?
    var enforces = classes[Int(clientClass)].isEmpty
    for index in classes[Int(clientClass)] {
      let policy = policies[Int(classPolicies[Int(index)])]
      enforces = enforces || policy.mode == .enforce
      guard let (rule, variant) = firstRule(of: policy, naming: route) else { continue }
      if rules[Int(rule)].action == .allow {
        let outcome = RouteOutcome.allow(variant: variant, wouldDeny: reported != nil)
        return Decision(outcome: outcome, rule: rule, reportedRule: reported)
      }
      if policy.mode == .enforce {
        return Decision(outcome: .blocked, rule: rule, reportedRule: reported)
      }
      reported = reported ?? rule
    }
    let outcome: RouteOutcome = enforces ? .prohibited : .allow(variant: ownVariant, wouldDeny: true)
    return Decision(outcome: outcome, rule: nil, reportedRule: reported)
  }

  private func firstRule(of policy: Policy, naming route: UInt32) -> (rule: UInt32, variant: UInt32)? {
    for rule in policy.rules {
      for index in rules[Int(rule)].routes where routes[Int(index)] == route {
        return (rule, variants[Int(index)])
      }
    }
    return nil
  }
}
