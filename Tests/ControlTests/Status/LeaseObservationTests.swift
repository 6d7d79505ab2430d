import Testing

@testable import Control

@Suite struct LeaseObservationTests {
  private let start = ContinuousClock.now
  private let held = Lease.Record(
    holder: "steer-0", duration: 15, acquired: "2026-11-23T09:00:00.000000Z", renewed: "2026-11-23T09:00:00.000000Z",
    transitions: 3)

  @Test(arguments: ["1999-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z", "", "soon"])
  func `a holder whose clock is wrong keeps the Lease as long as one whose clock is right`(renewed: String) {
    var record = held
    record.renewed = renewed
    let observation = LeaseObservation(record, at: start)
    #expect(!observation.isFree(for: "steer-1", at: start + .milliseconds(14_999)))
    #expect(observation.isFree(for: "steer-1", at: start + .seconds(15)))
  }

  @Test func `each renewal that is seen begins the time anew, and the same record seen again does not`() {
    var observation = LeaseObservation(held, at: start)
    observation.see(held, at: start + .seconds(10))
    #expect(observation.isFree(for: "steer-1", at: start + .seconds(15)))
    var renewed = held
    renewed.renewed = "2026-11-23T09:00:02.000000Z"
    observation.see(renewed, at: start + .seconds(14))
    #expect(!observation.isFree(for: "steer-1", at: start + .seconds(28)))
    #expect(observation.isFree(for: "steer-1", at: start + .seconds(29)))
  }

  @Test func `a Lease is free at once for its holder, and for all when it was given back`() {
    #expect(LeaseObservation(held, at: start).isFree(for: "steer-0", at: start))
    var released = held
    released.holder = ""
    #expect(LeaseObservation(released, at: start).isFree(for: "steer-1", at: start))
  }

  @Test(arguments: [(Int.min, 1), (0, 1), (Int.max, 3600)])
  func `a duration that no holder should have is brought within bounds`(duration: Int, seconds: Int) {
    var record = held
    record.duration = duration
    let observation = LeaseObservation(record, at: start)
    #expect(!observation.isFree(for: "steer-1", at: start + .seconds(seconds) - .milliseconds(1)))
    #expect(observation.isFree(for: "steer-1", at: start + .seconds(seconds)))
  }
}
