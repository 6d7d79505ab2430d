import Foundation

// A pipe may hold what is printed until it is much: a script reads one line.
guard let options = LoadOptions(Array(CommandLine.arguments.dropFirst())) else {
  FileHandle.standardError.write(Data((LoadOptions.usage + "\n").utf8))
  exit(2)
}
var measurement = try await Measurement(options)
let result = try await measurement.run()
print(String(decoding: result.compact, as: UTF8.self))
