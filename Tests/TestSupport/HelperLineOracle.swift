public import DNSWire
import Foundation

/// What may be answered to a line of Squid's external ACL protocol, found without any code of Steer's.
public enum HelperLineOracle {
  /// What is wrong with the answer to a line; nil if nothing is.
  ///
  /// `mayUse` says whether a client may use the route at an index, whatever the destination.
  public static func fault(
    in reply: [UInt8]?, to line: [UInt8], routes: [RandomPolicy.Route], mayUse: (IPAddress, Int) -> Bool
  ) -> String? {
    let text = String(decoding: line, as: UTF8.self)
    let channel = line.firstIndex(of: 0x20).map { String(decoding: line[..<$0], as: UTF8.self) }
    let isChannel = channel.flatMap { Int64($0) }.map { $0 >= 0 && "\($0)" == channel } ?? false
    guard let reply else { return isChannel ? "no answer on a channel that can be read" : nil }
    let answer = String(decoding: reply, as: UTF8.self)
    guard isChannel, let channel, answer.hasPrefix(channel + " ") else { return "an answer on another channel" }
    guard reply.count <= 320, reply.last == 0x0A, reply.dropLast().allSatisfy({ (0x20...0x7E).contains($0) }) else {
      return "an answer that Squid cannot read at once: \(answer)"
    }
    guard answer.hasPrefix(channel + " OK") else {
      return answer.hasPrefix(channel + " ERR reason=") ? nil : "an answer that is none: \(answer)"
    }
    let fields = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 7 || fields.count == 8 && fields[7] == "-" else { return "OK to what is no question" }
    guard let client = fields[1].removingPercentEncoding.flatMap(IPAddress.init), fields[4] == "CONNECT",
      let route = routes.firstIndex(where: { "\($0.listenerPort)" == fields[3] }), let port = Int(fields[6])
    else { return "OK to what no route could be asked" }
    guard "\(port)" == fields[6], DestinationOracle.allows(fields[5], port, by: routes[route]) else {
      return "OK to a destination that the route does not list"
    }
    return mayUse(client, route) ? nil : "OK to a client that may not use the route"
  }
}
