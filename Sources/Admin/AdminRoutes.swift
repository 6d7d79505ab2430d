import Hummingbird
import Steering

/// What is answered at which path.
enum AdminRoutes {
  /// Answers requests about the server that `state` is of.
  static func responder(_ state: AdminState) -> some HTTPResponder<AdminContext> {
    let router = Router(context: AdminContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: OneRequestMiddleware())
    // Who answers at all is alive; a restart helps against nothing else.
    router.get("/livez") { _, _ in Response.text("ok\n") }
    router.get("/readyz") { _, _ in
      let status = await state.status
      return try Response.json(status, status: status.ready ? .ok : .serviceUnavailable)
    }
    router.get("/metrics") { _, _ in
      Response.text(await state.metrics, type: "text/plain; version=0.0.4; charset=utf-8")
    }
    let local = router.group().add(middleware: LocalMiddleware())
    local.get("/explain") { request, _ in try Response.json(state.explain(PolicyQuestion(request.uri))) }
    local.get("/proxy") { _, _ in
      guard let report = await state.parts?.proxy() else {
        throw HTTPError(.notFound, message: "this server runs no proxy engine, or it cannot say how it is")
      }
      return Response.json(octets: report.json)
    }
    return router.buildResponder()
  }
}
