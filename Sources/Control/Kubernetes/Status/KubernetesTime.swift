import Steering

/// The times of Kubernetes objects, in UTC.
enum KubernetesTime {
  /// Now in seconds, as `metav1.Time` is written: `2026-11-23T09:38:51Z`.
  static func seconds() -> String { LogTime.text().prefix(19) + "Z" }

  /// Now as `metav1.MicroTime` is written: with six digits after the second, no fewer.
  static func microseconds() -> String { LogTime.text().dropLast() + "000Z" }
}
