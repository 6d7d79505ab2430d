import Glibc

/// What the program can do, by name.
let commands: [String: ([String]) -> Bool] = [
  "allocations": Allocations.run,
  "respond": RespondTiming.run,
  "compile": CompileTiming.run,
]

let arguments = Array(CommandLine.arguments.dropFirst())
guard let name = arguments.first, let command = commands[name] else {
  report(
    """
    usage: steer-benchmark allocations [POLICY]   heap allocations per query; exits 1 if there are any
           steer-benchmark respond [POLICY]       time per query, in process
           steer-benchmark compile                time and memory to load policies of growing size
    POLICY is a folder or file of documents; the default is 'zones'.
    """)
  exit(2)
}
exit(command(Array(arguments.dropFirst())) ? 0 : 1)
