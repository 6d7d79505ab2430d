import Testing

@testable import KubernetesAPI

@Suite struct BackoffTests {
  @Test func waitsGrowToTheLongest() {
    var backoff = Backoff(first: .milliseconds(250), longest: .seconds(30))
    let waits = (0..<100).map { _ in backoff.next() }
    #expect(waits[0] >= .milliseconds(200) && waits[0] <= .milliseconds(300))
    #expect(waits[3] >= .milliseconds(1600) && waits[3] <= .milliseconds(2400))
    #expect(waits[50...].allSatisfy { $0 >= .seconds(24) && $0 <= .seconds(36) })
    #expect(Set(waits[50...]).count > 10)
    backoff.reset()
    #expect(backoff.next() <= .milliseconds(300))
  }
}
