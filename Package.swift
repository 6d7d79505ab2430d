// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is held to the same rules: Swift 6 mode, strict memory safety, no warning.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "steer",
  products: [
    .executable(name: "steer", targets: ["steer"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    .systemLibrary(name: "CLDNS", pkgConfig: "ldns", providers: [.apt(["libldns-dev"])]),
    .target(name: "CDatagram"),
    .target(name: "CSockDiag"),
    .target(name: "DNSWire", swiftSettings: strict),
    .target(name: "ZoneFiles", dependencies: ["DNSWire", "CLDNS"], swiftSettings: strict),
    .target(
      name: "SteeringPolicy",
      dependencies: ["DNSWire", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),
    .target(
      name: "Steering",
      dependencies: [
        "DNSWire", "SteeringPolicy", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict),
    .target(
      name: "DNSServer",
      dependencies: [
        "DNSWire", "Steering", "CDatagram",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .target(
      name: "Forwarders",
      dependencies: ["DNSWire", "SteeringPolicy", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),
    .target(
      name: "ProxyRoutes",
      dependencies: [
        "DNSWire", "SteeringPolicy", "Steering", "CSockDiag",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      swiftSettings: strict),
    // The client of the Kubernetes API: knows neither DNS nor policy.
    .target(
      name: "KubernetesAPI",
      dependencies: [
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "Yams", package: "Yams"),
      ],
      exclude: ["Protobuf/kubernetes.proto"], swiftSettings: strict),
    .target(
      name: "Control",
      dependencies: [
        "DNSWire", "SteeringPolicy", "ZoneFiles", "Steering", "KubernetesAPI",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .target(
      name: "Admin",
      dependencies: [
        "DNSWire", "Steering", "Control", "KubernetesAPI",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "steer",
      dependencies: [
        "DNSWire", "ZoneFiles", "SteeringPolicy", "Steering", "DNSServer", "Control", "Forwarders",
        "ProxyRoutes", "KubernetesAPI", "Admin",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    // What several test suites share: libldns as an oracle, scenarios, a live server.
    .target(
      name: "TestSupport",
      dependencies: ["CLDNS", "DNSWire", "SteeringPolicy", "Steering", "DNSServer", "Control"],
      path: "Tests/TestSupport", swiftSettings: strict),
    // A Kubernetes API server as far as Steer talks to one, with faults on demand.
    .target(
      name: "TestAPIServer",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      path: "Tests/TestAPIServer", swiftSettings: strict),
    .testTarget(
      name: "KubernetesAPITests",
      dependencies: [
        "KubernetesAPI", "TestAPIServer", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(name: "DNSWireTests", dependencies: ["DNSWire", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ZoneFilesTests", dependencies: ["ZoneFiles", "DNSWire", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "SteeringPolicyTests", dependencies: ["SteeringPolicy", "DNSWire"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "SteeringTests",
      dependencies: ["Steering", "SteeringPolicy", "DNSWire", "ZoneFiles", "Control", "TestSupport"],
      resources: [.copy("Scenarios"), .copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "ForwardersTests", dependencies: ["Forwarders", "SteeringPolicy", "DNSWire"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "ProxyRoutesTests",
      dependencies: [
        "steer", "ProxyRoutes", "Steering", "SteeringPolicy", "DNSWire", "Control", "TestSupport",
        .product(name: "InMemoryLogging", package: "swift-log"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "ControlTests",
      dependencies: [
        "Control", "DNSWire", "Steering", "SteeringPolicy", "KubernetesAPI", "TestAPIServer", "TestSupport",
        .product(name: "InMemoryLogging", package: "swift-log"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "AdminTests",
      dependencies: [
        "Admin", "Control", "KubernetesAPI", "Steering", "DNSWire", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ConformanceTests", dependencies: ["DNSWire", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "SteerTests", dependencies: ["steer", "DNSWire", "ProxyRoutes", "TestAPIServer", "TestSupport"],
      exclude: ["Clients/ask.py", "Egress/egress.py"], resources: [.copy("Fixtures")], swiftSettings: strict),

    // What a fuzzer feeds (Tests/Fuzz/run.sh), and the replay of what it starts from and once found.
    .target(
      name: "FuzzTargets",
      dependencies: ["DNSWire", "ZoneFiles", "SteeringPolicy", "Steering", "ProxyRoutes", "TestSupport"],
      path: "Tests/Fuzz/Targets", swiftSettings: strict),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Replay", swiftSettings: strict),

    // Benchmarks: run by hand or by Tests/Benchmarks/run.sh, never asserted.
    .executableTarget(name: "udp-echo", path: "Tests/Benchmarks/UDPEcho"),
    .executableTarget(name: "udp-load", path: "Tests/Benchmarks/UDPLoad"),
    .executableTarget(
      name: "kubernetes-load", dependencies: ["TestAPIServer"], path: "Tests/Benchmarks/KubernetesLoad",
      swiftSettings: strict),
    .target(name: "CAllocations", path: "Tests/Benchmarks/CAllocations"),
    .executableTarget(
      name: "steer-benchmark",
      dependencies: ["CAllocations", "DNSWire", "SteeringPolicy", "Steering", "Control"],
      path: "Tests/Benchmarks/SteerBenchmark", swiftSettings: strict),
  ]
)
