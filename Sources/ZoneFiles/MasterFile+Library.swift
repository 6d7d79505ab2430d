internal import CLDNS

extension MasterFile {
  /// The version of libldns that reads master files, such as `1.8.3`.
  public static var libraryVersion: String {
    unsafe ldns_version().map { unsafe String(cString: $0) } ?? "unknown"
  }
}
