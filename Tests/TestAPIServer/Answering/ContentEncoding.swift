/// In what objects are sent.
enum ContentEncoding: Sendable {
  case json
  case protobuf

  /// The first of what the client accepts that the resource has.
  init(accept: String?, resource: APIResource) throws(StatusError) {
    for part in (accept ?? "*/*").split(separator: ",") {
      let type = part.split(separator: ";").first?.filter { $0 != " " }
      switch type {
      case MediaType.protobuf where !resource.isCustom:
        self = .protobuf
        return
      case MediaType.json, "*/*", "application/*":
        self = .json
        return
      default: continue
      }
    }
    throw .notAcceptable
  }
}
