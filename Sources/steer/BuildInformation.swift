/// What this program is.
enum BuildInformation {
  /// The version, by Semantic Versioning.
  static let version = "0.1.0"
}
