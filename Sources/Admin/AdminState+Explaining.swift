import Control
import Hummingbird
import HummingbirdCore
import Steering

extension AdminState {
  /// Explains what a question is about, by the snapshot that serves.
  func explain(_ question: PolicyQuestion) throws -> ServedExplanation {
    guard let snapshot else { throw HTTPError(.serviceUnavailable, message: "there is no snapshot yet") }
    do {
      return ServedExplanation(
        try snapshot.explain(question), inventory: freshness.map(ServedExplanation.Inventory.init), held: held)
    } catch {
      throw HTTPError(.badRequest, message: error.description)
    }
  }
}

extension PolicyQuestion {
  /// The question that the parameters of a request put.
  init(_ uri: URI) throws {
    self.init(from: "")
    for (name, value) in uri.queryParameters {
      let value = String(value)
      switch name {
      case "from": from = value
      case "name": self.name = value
      case "type": type = value
      case "via": via = value
      case "connect": connect = value
      case "method": method = value
      case "packet": packet = value
      default:
        throw HTTPError(
          .badRequest,
          message: "there is no parameter '\(name)'; there are from, name, type, via, connect, method, packet")
      }
    }
  }
}
