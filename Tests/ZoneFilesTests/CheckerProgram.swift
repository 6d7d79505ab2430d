import Foundation

/// A program of Debian's that reads master files or records.
struct CheckerProgram {
  let url: URL

  /// The program called `name`; throws when it is not installed.
  init(_ name: String) throws {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin"]
    let found = folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
    guard let found else { throw MissingProgram(name: name) }
    url = URL(filePath: found)
  }

  /// Runs the program in `folder` and gives its exit status and what it wrote.
  func run(_ arguments: [String], in folder: URL? = nil, input: String = "") throws -> (status: Int32, output: String)
  {
    let process = Process()
    let (standardInput, output) = (Pipe(), Pipe())
    process.executableURL = url
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = standardInput
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationReason == .exit else { throw KilledProgram(path: url.path, output: text) }
    return (process.terminationStatus, text)
  }
}

/// A program that the tests need is not there.
struct MissingProgram: Error, CustomStringConvertible {
  var name: String
  var description: String {
    "\(name) is not installed; deploy/test.sh installs it (bind9, bind9-utils, knot-dnssecutils, nsd)"
  }
}

/// A program was ended by a signal.
struct KilledProgram: Error {
  var path: String
  var output: String
}
