import Foundation

guard let options = LoadOptions(Array(CommandLine.arguments.dropFirst())) else {
  FileHandle.standardError.write(Data((LoadOptions.usage + "\n").utf8))
  exit(2)
}
do {
  let result = try await Measurement.result(of: options)
  print(String(decoding: result.compact, as: UTF8.self))
} catch {
  FileHandle.standardError.write(Data("kubernetes-load: \(error)\n".utf8))
  exit(1)
}
