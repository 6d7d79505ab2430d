import SteeringPolicy

/// Works out what a class may see of each route, and on the way which rules never decide and which tie.
///
/// A class costs as much as its policies have rules: marks are kept per route and stamped with the class, not cleared.
struct OutcomeBuilder {
  private let policies: [EgressPolicy]
  private let routes: [EgressRoute]
  private let table: RuleTable
  private var diagnostics: [Diagnostic] = []

  /// What is known of a route for the class at hand; stale unless `stamp` is the class's.
  private struct Mark {
    var stamp = -1
    /// The last policy that named the route; only its first rule counts.
    var lastPolicy = -1
    var lastRule: UInt32 = 0
    var decidedBy: UInt32?
    var outcome = RouteOutcome.prohibited
    var isReported = false
    /// The rules that tie and for that deny it.
    var tie: RuleTable.Tie?
  }

  private var marks: [Mark]
  private var stamp = -1
  /// Per rule whether it decided anything for any class, and a rule that was before it.
  private var decides: [Bool]
  private var precededBy: [UInt32?]
  private var selectsSomething: [Bool]
  private var reportedTies: Set<[Int]> = []
  private let ties: SnapshotCompiler.Ties
  /// The routes that are denied to classes because rules tie.
  private(set) var deniedTies: [RuleTable.Case: RuleTable.Tie] = [:]

  init(_ policy: PolicySet, _ table: RuleTable, ties: SnapshotCompiler.Ties) {
    self.ties = ties
    policies = policy.policies
    routes = policy.routes
    self.table = table
    marks = Array(repeating: Mark(), count: policy.routes.count)
    decides = Array(repeating: false, count: table.rules.count)
    precededBy = Array(repeating: nil, count: table.rules.count)
    selectsSomething = Array(repeating: false, count: policy.policies.count)
  }

  /// The view of a class by its policies, which are in order.
  mutating func view(
    of policies: [Int], class number: UInt32, describedAs client: String
  ) -> ViewTable.View {
    for policy in policies { selectsSomething[policy] = true }
    let decided = evaluate(policies, client)
    for route in decided {
      guard let tie = marks[Int(route)].tie else { continue }
      deniedTies[RuleTable.Case(clientClass: number, route: route)] = tie
    }
    let outcomes = decided.map { route in
      ViewTable.Outcome(route: route, outcome: marks[Int(route)].outcome)
    }
    let allowsRest = !policies.isEmpty && policies.allSatisfy { self.policies[$0].mode == .report }
    return ViewTable.View(outcomes: outcomes.sorted { $0.route < $1.route }, allowsRest: allowsRest)
  }

  /// Ends: the findings, with those about policies that select no class.
  mutating func finish() -> [Diagnostic] {
    for (number, policy) in policies.enumerated() where !selectsSomething[number] {
      diagnostics.append(
        Diagnostic(
          .subjectSelectsNothing, at: policy.subjectLocation,
          "policy \(policy.name) selects no namespace that is known; check its labels against the namespaces'"))
      _ = evaluate([number], policy.name)
    }
    for (index, rule) in table.rules.enumerated() where !decides[index] {
      guard let before = precededBy[index] else { continue }
      let policy = policies[Int(rule.policy)]
      let written = policy.rules[index - Int(table.policies[Int(rule.policy)].rules.lowerBound)]
      diagnostics.append(
        Diagnostic(
          .shadowedRule, at: written.location,
          "rule \(policy.name)/\(rule.name) never decides: \(name(before)) comes first for every route and "
            + "client of it; remove it, or give its policy a lower priority number"))
    }
    return diagnostics
  }

  /// Walks the rules of a class in order and leaves each decided route's outcome in its mark.
  private mutating func evaluate(_ policies: [Int], _ client: String) -> [UInt32] {
    stamp += 1
    var decided: [UInt32] = []
    for policy in policies {
      for rule in table.policies[policy].rules {
        for index in table.rules[Int(rule)].routes {
          let route = Int(table.routes[Int(index)])
          if marks[route].stamp != stamp { marks[route] = Mark(stamp: stamp) }
          consider(rule, of: policy, route, table.variants[Int(index)], client, &decided)
        }
      }
    }
    return decided
  }

  private mutating func consider(
    _ rule: UInt32, of policy: Int, _ route: Int, _ variant: UInt32, _ client: String, _ decided: inout [UInt32]
  ) {
    let isFirstOfPolicy = marks[route].lastPolicy != policy
    let ruleBefore = marks[route].lastRule
    marks[route].lastPolicy = policy
    marks[route].lastRule = rule
    let allows = table.rules[Int(rule)].action == .allow
    let reports = !allows && policies[policy].mode == .report
    let outcome: RouteOutcome =
      allows ? .allow(variant: variant, wouldDeny: marks[route].isReported) : .blocked
    if let before = marks[route].decidedBy {
      precededBy[Int(rule)] = before
      if isFirstOfPolicy, !reports, !outcome.answersLike(marks[route].outcome) {
        checkTie(before, rule, route, client)
      }
      return
    }
    guard isFirstOfPolicy else {
      precededBy[Int(rule)] = ruleBefore
      return
    }
    decides[Int(rule)] = true
    if reports {
      marks[route].isReported = true
    } else {
      marks[route].decidedBy = rule
      marks[route].outcome = outcome
      decided.append(UInt32(route))
    }
  }

  /// Reports two policies of one priority that would answer a client differently; each pair and route once.
  private mutating func checkTie(_ first: UInt32, _ second: UInt32, _ route: Int, _ client: String) {
    let (left, right) = (Int(table.rules[Int(first)].policy), Int(table.rules[Int(second)].policy))
    guard policies[left].priority == policies[right].priority, left != right else { return }
    if ties == .denied {
      marks[route].outcome = .blocked
      marks[route].tie = marks[route].tie ?? RuleTable.Tie(first: first, second: second)
    }
    guard reportedTies.insert([left, right, route]).inserted else { return }
    diagnostics.append(
      Diagnostic(
        .tiedPriority, at: policies[right].priorityLocation, related: [policies[left].priorityLocation],
        severity: ties == .denied ? .warning : .error,
        "\(name(second)) and \(name(first)) (\(policies[left].priorityLocation)) both have priority "
          + "\(policies[left].priority) and decide differently about route \(routes[route].name) for \(client)"
          + (ties == .denied ? ", which is denied it until then" : "") + "; give one of the policies another priority"
      ))
  }

  private func name(_ rule: UInt32) -> String {
    let rule = table.rules[Int(rule)]
    return "rule \(policies[Int(rule.policy)].name)/\(rule.name)"
  }
}

extension RouteOutcome {
  /// Whether a client would notice no difference.
  fileprivate func answersLike(_ other: RouteOutcome) -> Bool {
    switch (self, other) {
    case (.allow(let left, _), .allow(let right, _)): left == right
    case (.blocked, .blocked), (.prohibited, .prohibited): true
    default: false
    }
  }
}
