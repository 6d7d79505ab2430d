import TestAPIServer

let server = try await TestAPIServer.start()
try server.apply(.pod(namespace: "team-a", name: "api-1", addresses: ["10.8.1.5"]))
try server.apply(.pod(namespace: "team-b", name: "api-2", addresses: ["10.8.1.6"]))
print(server.port)
try await Task.sleep(for: .seconds(60))
