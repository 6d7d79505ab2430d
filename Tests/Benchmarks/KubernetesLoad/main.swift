import Foundation

guard let options = LoadOptions(Array(CommandLine.arguments.dropFirst())) else {
  FileHandle.standardError.write(Data((LoadOptions.usage + "\n").utf8))
  exit(2)
}
let result = try await Measurement.result(of: options)
print(String(decoding: result.compact, as: UTF8.self))
