import Glibc
import Steering

extension MetricText {
  /// Adds what the system says of the process, under the names that every Prometheus client library gives them.
  mutating func addProcess() {
    var usage = rusage()
    if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
      let seconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
      add("process_cpu_seconds_total", .counter, "Processor time used.", "\(seconds)")
    }
    if let pages = Self.residentPages {
      add(
        "process_resident_memory_bytes", .gauge, "Memory that is resident.",
        "\(pages &* sysconf(Int32(_SC_PAGESIZE)))")
    }
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }

  /// The second number of `/proc/self/statm`; nil if there is no such file.
  private static var residentPages: Int? {
    let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var octets = [UInt8](repeating: 0, count: 128)
    let count = unsafe read(file, &octets, octets.count)
    return String(decoding: octets.prefix(max(0, count)), as: UTF8.self).split(separator: " ").dropFirst().first
      .flatMap { Int($0) }
  }
}
