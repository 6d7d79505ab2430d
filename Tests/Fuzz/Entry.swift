import Foundation
import FuzzTargets

/// The target that the environment names.
private let target = ProcessInfo.processInfo.environment["STEER_FUZZ_TARGET"].flatMap(FuzzTarget.init)

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  guard let target else { fatalError("STEER_FUZZ_TARGET names no target") }
  target.run(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
  return 0
}
