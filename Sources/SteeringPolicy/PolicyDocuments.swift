/// The documents of a file, decoded: all that can be told of them without the others.
///
/// What depends on others is told by `PolicyLoader`, so that a file is decoded once however often it is combined anew.
public struct PolicyDocuments: Sendable {
  /// The file that they are of.
  public let file: PolicyFile
  /// What was found of them by themselves.
  public let diagnostics: [Diagnostic]
  /// The objects.
  let objects: DecodedObjects

  /// Decodes the documents of a file.
  public init(_ file: PolicyFile) {
    let findings = Findings()
    self.file = file
    objects = DecodedObjects(file, into: findings)
    diagnostics = findings.diagnostics
  }
}
