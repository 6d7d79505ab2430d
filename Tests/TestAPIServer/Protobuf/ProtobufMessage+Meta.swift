/// The messages of `k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto`.
extension ProtobufMessage {
  private static let managedFields = ProtobufMessage(
    .always(1, "manager", .string), .always(2, "operation", .string), .always(3, "apiVersion", .string),
    .ifSet(4, "time", .time), .always(6, "fieldsType", .string), .ifSet(7, "fieldsV1", .wrapped),
    .always(8, "subresource", .string))

  private static let ownerReference = ProtobufMessage(
    .always(1, "kind", .string), .always(3, "name", .string), .always(4, "uid", .string),
    .always(5, "apiVersion", .string), .ifSet(6, "controller", .flag), .ifSet(7, "blockOwnerDeletion", .flag))

  static let objectMeta = ProtobufMessage(
    .always(1, "name", .string), .always(2, "generateName", .string), .always(3, "namespace", .string),
    .always(4, "selfLink", .string), .always(5, "uid", .string), .always(6, "resourceVersion", .string),
    .always(7, "generation", .integer), .always(8, "creationTimestamp", .time), .ifSet(9, "deletionTimestamp", .time),
    .ifSet(10, "deletionGracePeriodSeconds", .integer), .ifSet(11, "labels", .map(.string)),
    .ifSet(12, "annotations", .map(.string)), .ifSet(13, "ownerReferences", .list(.message(ownerReference))),
    .ifSet(14, "finalizers", .list(.string)), .ifSet(17, "managedFields", .list(.message(managedFields))))

  private static let listMeta = ProtobufMessage(
    .always(1, "selfLink", .string), .always(2, "resourceVersion", .string), .always(3, "continue", .string),
    .ifSet(4, "remainingItemCount", .integer))

  private static let statusDetails = ProtobufMessage(
    .always(1, "name", .string), .always(2, "group", .string), .always(3, "kind", .string),
    .always(5, "retryAfterSeconds", .integer), .always(6, "uid", .string))

  /// `Status`, by which the API says what went wrong.
  static let status = ProtobufMessage(
    .always(1, "metadata", .message(listMeta)), .always(2, "status", .string), .always(3, "message", .string),
    .always(4, "reason", .string), .ifSet(5, "details", .message(statusDetails)), .always(6, "code", .integer))
}
