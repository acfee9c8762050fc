// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds the daemon builds the fuzzer. `make fuzz` builds
// it with `-sanitize=fuzzer`, which instruments every module and brings libFuzzer.
let package = Package(
  name: "fuzz",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "crewbell", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz", dependencies: [.product(name: "Hostile", package: "crewbell")])
  ]
)
