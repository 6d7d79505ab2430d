import ArgumentParser
import DNSWire
import ProxyRoutes
import SteeringPolicy

/// Reads what the commands about proxies take as arguments.
enum ProxyArgument {
  /// `ADDRESS/LENGTH`, or an address for the block of it alone.
  static func block(_ text: String) throws -> IPBlock {
    if let address = IPAddress(text) { return IPBlock(address) }
    do throws(IPBlockError) {
      return try IPBlock(text)
    } catch {
      if case .hostBitsSet(let network) = error {
        throw ValidationError("'\(text)' has bits set beyond its length; write \(network).")
      }
      throw ValidationError("'\(text)' is not a block of addresses; write one such as 10.8.0.0/16.")
    }
  }

  /// `ADDR:PORT`.
  static func endpoint(_ text: String) throws -> Endpoint {
    if let endpoint = Endpoint(text), endpoint.port != 0 { return endpoint }
    throw ValidationError("'\(text)' is not ADDR:PORT; write 10.0.0.5:3128 or [fd00::5]:3128.")
  }

  /// `HOST:PORT`, as in a route's `parentProxies`.
  static func parent(_ text: String) throws -> EgressRoute.ParentProxy {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count > 1, let port = parts.last.flatMap({ UInt16($0) }), port != 0 else {
      throw ValidationError("'\(text)' is not HOST:PORT, as in parentProxies.")
    }
    var host = parts.dropLast().joined(separator: ":")
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    return EgressRoute.ParentProxy(host: host, port: port)
  }

  /// `HOST=CIDR`.
  static func hostAddress(_ text: String) throws -> (host: String, block: IPBlock) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else {
      throw ValidationError("'\(text)' is not HOST=CIDR; write one such as proxy.example.com=10.0.0.5/32.")
    }
    return (parts[0], try block(parts[1]))
  }

  /// The routes of these names, or all if none is named.
  static func routes(_ names: [String], among routes: [EgressRoute]) throws -> [EgressRoute] {
    if let name = names.first(where: { name in !routes.contains { $0.name == name } }) {
      throw ValidationError(
        "There is no route '\(name)'; the routes are \(routes.map(\.name).joined(separator: ", ")).")
    }
    return names.isEmpty ? routes : routes.filter { names.contains($0.name) }
  }
}

extension Output {
  /// What `body` renders, or the end of the command with the reason why it cannot.
  static func rendered<Result>(_ body: () throws(ProxyRenderingError) -> Result) throws -> Result {
    do throws(ProxyRenderingError) {
      return try body()
    } catch {
      Output.error("error: \(error)")
      throw ExitCode.failure
    }
  }
}
