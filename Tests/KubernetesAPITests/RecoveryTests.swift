import KubernetesAPI
import Logging
import Testing

@testable import KubernetesAPI

/// How long a reflector waits after a fault, and what it does then.
@Suite struct RecoveryTests {
  /// What becomes of a reflection that watches.
  private static func recover(
    from fault: RequestFault, resource: Resource<CustomObject> = .egressRoutes
  ) async throws -> (wait: Duration, reflection: Reflection<CustomObject>) {
    let client = try KubernetesClient(ClusterAccess(server: "https://127.0.0.1:1"), logger: Logger(label: "test"))
    var reflection = Reflection(Reflector(client, resource))
    reflection.complete(at: "100")
    let wait = await reflection.recover(from: fault) { _ in }
    await client.shutdown()
    return (wait, reflection)
  }

  @Test func whatTheServerAsksForIsWaited() async throws {
    let refusal = Refusal(code: 429, reason: "TooManyRequests", message: "", retryAfter: .seconds(7))
    let (wait, reflection) = try await Self.recover(from: .refused(refusal))
    #expect(wait >= .seconds(7) && wait <= .seconds(9))
    guard case .watching = reflection.stage else {
      Issue.record("it does not watch on")
      return
    }
  }

  @Test func nobodyIsWaitedForAnHour() {
    #expect(Refusal.retryAfter(seconds: 3600) == .seconds(60))
    #expect(Refusal.retryAfter(seconds: Int.max) == .seconds(60))
    #expect(Refusal.retryAfter(seconds: 0) == nil)
    #expect(Refusal.retryAfter(seconds: -5) == nil)
  }

  @Test func aServerThatWasSetBackIsListedAnew() async throws {
    let refusal = Refusal(code: 504, reason: "Timeout", message: "Too large resource version: 100, current: 7")
    let (_, reflection) = try await Self.recover(from: .refused(refusal))
    guard case .start = reflection.stage else {
      Issue.record("it does not start anew")
      return
    }
  }
}
