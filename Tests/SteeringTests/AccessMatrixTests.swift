import Steering
import TestSupport
import Testing

@Suite struct AccessMatrixTests {
  @Test func aBlockHasItsOwnRowWhateverLiesInside() throws {
    let documents =
      TestPolicy.minimal + """

        ---
        apiVersion: egress.aibang.com/v1alpha1
        kind: EgressPolicy
        metadata: {name: outer}
        spec: {priority: 20, subject: {ipBlocks: [{cidr: 192.0.2.0/24}]}, egress: [{action: Allow, routeRefs: [{name: one}]}]}
        ---
        apiVersion: egress.aibang.com/v1alpha1
        kind: EgressPolicy
        metadata: {name: inner}
        spec: {priority: 10, subject: {ipBlocks: [{cidr: 192.0.2.0/25}]}, egress: [{action: Deny, routeRefs: [{name: one}]}]}
        """
    let matrix = AccessMatrix(of: try TestPolicy.policy(documents), in: try TestPolicy.snapshot(documents))
    let rows = matrix.rows.map { "\($0.kind) \($0.subject) \($0.cells.map(\.resolves))" }
    #expect(
      rows == [
        "namespace team-a [true]", "namespace team-b [false]", "ipBlock 192.0.2.0/24 [true]",
        "ipBlock 192.0.2.0/25 [false]",
      ])
  }
}
