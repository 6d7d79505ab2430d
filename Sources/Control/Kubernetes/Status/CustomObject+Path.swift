import KubernetesAPI

extension CustomObject.Key {
  /// The API group and version of the custom objects.
  static let apiVersion = "egress.aibang.com/v1alpha1"

  /// The object's path at the API server; nil if it has a name that no object can have.
  var path: String? {
    let isName = name.utf8.allSatisfy { octet in
      (0x61...0x7A).contains(octet) || (0x30...0x39).contains(octet) || octet == 0x2D || octet == 0x2E
    }
    guard isName, !name.isEmpty else { return nil }
    let plural = kind.hasSuffix("y") ? kind.dropLast() + "ies" : kind + "s"
    return "/apis/\(Self.apiVersion)/\(plural.lowercased())/\(name)"
  }
}
