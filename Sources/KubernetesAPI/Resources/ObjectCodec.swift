/// A media type in which the API server tells objects.
protocol ObjectCodec<Object>: Sendable {
  associatedtype Object: Sendable

  /// How the events of a watch are told apart.
  var framing: Framing { get }
  /// The page of a list.
  func page(_ octets: [UInt8]) throws -> Page<Object>
  /// The event of a watch, of one frame.
  func event(_ frame: [UInt8]) throws -> WatchEvent<Object>
}

/// Why octets of the API server cannot be read.
struct DecodingFault: Error, CustomStringConvertible {
  let description: String
}
