import Foundation
import NIOCore
import NIOHTTP1

extension Responder {
  /// The fault that befalls a request, which is then spent.
  func fault(for request: Request) -> Fault? {
    let call = APICall(request)
    return settings.withLock { settings in
      guard let index = settings.faults.firstIndex(where: { $0.befalls(call) }) else { return nil }
      if let times = settings.faults[index].times { settings.faults[index].times = times - 1 }
      return settings.faults[index].fault
    }
  }

  /// Keeps that a request was answered, nil being not at all.
  func note(_ request: Request, status: Int?) {
    settings.withLock { settings in
      settings.requests.append(AnsweredRequest(request, status: status))
      if settings.requests.count > 2 * ServerSettings.maximumRequests {
        settings.requests.removeFirst(ServerSettings.maximumRequests)
      }
    }
  }

  /// How often a watch hears that it knows all.
  var bookmarkInterval: TimeAmount { settings.withLock { .milliseconds($0.bookmarkMilliseconds) } }

  /// The headers of an answer, and those that the API server adds to every one.
  func headers(of answer: Answer) -> HTTPHeaders {
    var headers = HTTPHeaders(answer.headers.map { ($0.name, $0.value) })
    guard !answer.isRecorded else { return headers }
    let added = [
      ("audit-id", UUID().uuidString.lowercased()), ("cache-control", "no-cache, private"),
      ("x-kubernetes-pf-flowschema-uid", "1feef1be-c2c5-4c72-b40a-bed6fd49d525"),
      ("x-kubernetes-pf-prioritylevel-uid", "efc2552a-47f5-436c-8b2e-e1a58ef784fb"),
      ("date", ServerClock.header(now)),
    ]
    for (name, value) in added where !headers.contains(name: name) { headers.add(name: name, value: value) }
    if case .whole(let body) = answer.body { headers.replaceOrAdd(name: "content-length", value: String(body.count)) }
    return headers
  }
}

extension RecordedAnswer {
  /// The answer as it was.
  var answer: Answer {
    Answer(status: status, headers: headers, body: isEndless ? .endless(body) : .whole(body), isRecorded: true)
  }
}
