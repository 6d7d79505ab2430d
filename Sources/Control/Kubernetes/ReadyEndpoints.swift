import DNSWire
import KubernetesAPI
import SteeringPolicy

/// What is kept of an EndpointSlice: which Service it is of, and the addresses that can be connected to.
struct ReadyEndpoints: Equatable, Sendable {
  /// The Service; nil if it is of none.
  var service: NamespacedName?
  /// The addresses of endpoints that are ready.
  var addresses: [IPAddress] = []

  /// What is kept of `slice`.
  init(_ slice: EndpointSlice) {
    guard let ready = slice.readyAddresses else { return }
    (service, addresses) = (ready.service, ready.addresses)
  }
}
