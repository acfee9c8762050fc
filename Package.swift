// swift-tools-version: 6.2
import PackageDescription

// One list for every target of ours: a warning is an error, and an `any` is written out.
let house: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "crewbell",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "crewbell", targets: ["crewbell"]),
    // For the packages in Fuzz and Benchmarks.
    .executable(name: "simulator", targets: ["simulator"]),
    .library(name: "Hostile", targets: ["Hostile"]),
    .library(
      name: "CrewbellModules",
      targets: ["Crew", "Platforms", "Ledger", "Curl", "Daemon", "Sandbox"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .target(name: "Crew", swiftSettings: house),
    .target(
      name: "Platforms",
      dependencies: [
        "Crew",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ], swiftSettings: house),
    .target(
      name: "Ledger",
      dependencies: [
        "Crew",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
      ], swiftSettings: house),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "Curl", dependencies: ["CCurl", "Platforms"], swiftSettings: house),
    .target(
      name: "Sandbox",
      dependencies: [
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      resources: [.embedInCode("Page")], swiftSettings: house),
    .target(
      name: "Daemon",
      dependencies: [
        "Crew", "Platforms", "Ledger", "Curl",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "Yams", package: "Yams"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      resources: [.embedInCode("Languages")], swiftSettings: house),
    .executableTarget(
      name: "crewbell",
      dependencies: [
        "Daemon", "Sandbox",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: house),
    // What comes from outside at its worst, readers that see whether it did harm, and the list of
    // every platform with its fake.
    .target(
      name: "Hostile", dependencies: ["Crew", "Platforms", "Daemon", "Fakes"],
      path: "Tests/Hostile",
      swiftSettings: house),
    .testTarget(name: "FuzzTests", dependencies: ["Hostile"], swiftSettings: house),
    // What tests run outside of their process.
    .target(name: "Outside", path: "Tests/Outside", swiftSettings: house),
    .testTarget(
      name: "CrewTests", dependencies: ["Crew"], exclude: ["ShippedEvents.jsonl"],
      swiftSettings: house),
    .testTarget(
      name: "PlatformsTests",
      dependencies: [
        "Crew", "Platforms", "Hostile", "Fakes", "Outside",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      exclude: ["Scripts"], swiftSettings: house),
    .testTarget(
      name: "LedgerTests", dependencies: ["Crew", "Ledger", "Outside"], exclude: ["Schema1.sql"],
      swiftSettings: house),
    .testTarget(
      name: "CurlTests", dependencies: ["Crew", "Curl", "Platforms", "Outside"],
      exclude: ["smtp_server.py"],
      swiftSettings: house),
    .testTarget(
      name: "DaemonTests",
      dependencies: [
        "Crew", "Platforms", "Ledger", "Curl", "Daemon", "Fakes", "Hostile", "Sandbox",
        .product(name: "Logging", package: "swift-log"),
      ], exclude: ["Config"],
      swiftSettings: house),
    .testTarget(
      name: "ServerTests",
      dependencies: [
        "Crew", "Platforms", "Ledger", "Curl", "Daemon", "Fakes", "Hostile", "Outside", "Sandbox",
        .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["demo_page.py", "sandbox_browser.py", "sandbox_client.py", "sandbox_page.py"],
      swiftSettings: house),
    // Chat servers in memory, as strict as the vendors', for the tests of every platform.
    .target(
      name: "Fakes",
      dependencies: [
        "Crew", "Platforms", "Sandbox",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"),
      ], path: "Tests/Fakes", swiftSettings: house),
    .testTarget(
      name: "ChatTests",
      dependencies: [
        "Crew", "Platforms", "Ledger", "Curl", "Daemon", "Fakes", "Hostile", "Outside",
        .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Scripts"], swiftSettings: house),
    // The daemon in a world of its own making; an executable too, because it is run in release.
    .target(
      name: "Simulation",
      dependencies: [
        "Crew", "Platforms", "Ledger", "Daemon", "Fakes", "Hostile",
        .product(name: "Logging", package: "swift-log"),
      ], path: "Tests/Simulation", swiftSettings: house),
    .executableTarget(
      name: "simulator", dependencies: ["Simulation"], path: "Tests/simulator",
      swiftSettings: house),
    .testTarget(name: "SimulationTests", dependencies: ["Simulation"], swiftSettings: house),
    .testTarget(
      name: "HouseTests", dependencies: ["Crew", "Platforms", "Daemon", "Outside"],
      swiftSettings: house),
  ]
)
