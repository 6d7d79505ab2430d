import Foundation
import KubernetesAPI

/// How what is kept is written.
///
/// Inputs are JSON. Pods are lines of fields, a tab between two, and a last line that says how many there are: there may
/// be more of them than JSON is made for.
enum StateText {
  /// Why kept text cannot be used.
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// Octets that are gathered before they are written.
  private static let chunkSize = 1 << 16
  /// The fields of a pod.
  private static let fieldCount = 8

  /// The octets of inputs.
  static func octets(ofInputs inputs: some Encodable) throws(StateFile.Fault) -> [UInt8] {
    do {
      return [UInt8](try JSONEncoder().encode(inputs))
    } catch {
      throw StateFile.Fault(description: "the inputs cannot be encoded: \(error)")
    }
  }

  /// The inputs that octets are of.
  static func inputs<Inputs: Decodable>(_ type: Inputs.Type, from octets: ArraySlice<UInt8>) throws -> Inputs {
    try JSONDecoder().decode(type, from: Data(octets))
  }

  /// Writes pods.
  static func write(
    _ pods: some Sequence<Pod>, to writer: inout StateFile.Writer
  ) throws(StateFile.Fault) {
    var chunk: [UInt8] = []
    var count = 0
    for pod in pods {
      let length = chunk.count
      append(pod, to: &chunk)
      // No object that the API server accepts has a tab or a line's end in one of these.
      guard !chunk[length...].contains(0x0A), chunk[length...].count(where: { $0 == 0x09 }) == fieldCount - 1 else {
        chunk.removeSubrange(length...)
        continue
      }
      chunk.append(0x0A)
      count += 1
      guard chunk.count >= chunkSize else { continue }
      try writer.append(chunk)
      chunk.removeAll(keepingCapacity: true)
    }
    try writer.append(chunk + Array("end\t\(count)\n".utf8))
  }

  private static func append(_ pod: Pod, to octets: inout [UInt8]) {
    let flags = (pod.isOnHostNetwork ? "h" : "") + (pod.isTerminated ? "t" : "")
    let fields = [
      pod.namespace, pod.name, pod.uid, "\(pod.created)", pod.serviceAccount, flags,
      pod.addresses.joined(separator: ","), pod.nodeAddresses.joined(separator: ","),
    ]
    for (index, field) in fields.enumerated() {
      if index > 0 { octets.append(0x09) }
      octets += field.utf8
    }
  }

  /// The pods that octets are of; throws if one of them cannot be read, or not all of them are there.
  static func pods(from octets: ArraySlice<UInt8>) throws -> [Pod] {
    var pods: [Pod] = []
    var count: Int?
    for line in octets.split(separator: 0x0A) {
      guard count == nil else { throw Fault(description: "something stands after its end") }
      let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
      if fields.count == 2, fields[0].elementsEqual("end".utf8) {
        count = Int(text(fields[1]))
      } else if let pod = pod(fields) {
        pods.append(pod)
      } else {
        throw Fault(description: "pod \(pods.count + 1) cannot be read")
      }
    }
    guard count == pods.count else { throw Fault(description: "it is not whole") }
    return pods
  }

  private static func pod(_ fields: [ArraySlice<UInt8>]) -> Pod? {
    guard fields.count == fieldCount, let created = Int64(text(fields[3])) else { return nil }
    return Pod(
      namespace: text(fields[0]), name: text(fields[1]), uid: text(fields[2]), created: created,
      serviceAccount: text(fields[4]), isOnHostNetwork: fields[5].contains(UInt8(ascii: "h")),
      isTerminated: fields[5].contains(UInt8(ascii: "t")), addresses: list(fields[6]), nodeAddresses: list(fields[7]))
  }

  private static func text(_ octets: ArraySlice<UInt8>) -> String { String(decoding: octets, as: UTF8.self) }

  private static func list(_ octets: ArraySlice<UInt8>) -> [String] {
    octets.split(separator: UInt8(ascii: ",")).map(text)
  }
}
