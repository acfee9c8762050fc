import Foundation
import Testing

/// What may import what. Purity ends at a wall, and only there.
@Suite struct WallsTests {
  /// Part of the toolchain and of the system, without the world: neither a socket nor a database.
  static let toolchain: Set<String> = [
    "Foundation", "Synchronization", "Dispatch", "Glibc", "Musl",
  ]

  static let walls: [String: Set<String>] = [
    "Crew": [],
    "Platforms": ["Foundation", "Crypto", "CryptoExtras", "Crew"],
    "Ledger": toolchain.union(["GRDB", "GRDBSQLite", "CPostgres", "Crypto", "Crew"]),
    "Curl": toolchain.union(["CCurl", "Platforms"]),
    "Daemon": toolchain.union([
      "Crew", "Platforms", "Ledger", "Curl", "Yams", "Logging", "ServiceLifecycle", "UnixSignals",
      "NIOCore", "NIOHTTP1", "NIOPosix",
    ]),
    "Sandbox": toolchain.union([
      "Hummingbird", "HTTPTypes", "NIOCore", "NIOPosix", "Logging", "ServiceLifecycle",
    ]),
    "crewbell": [
      "Foundation", "ArgumentParser", "Crew", "Curl", "Daemon", "Logging", "Sandbox",
    ],
  ]

  @Test(arguments: House.modules) func `a module imports what its wall lets through`(
    module: String
  ) throws {
    let allowed = try #require(Self.walls[module])
    var findings: [String] = []
    for file in House.swiftFiles(in: "Sources/" + module) {
      for (number, line) in file.codeLines.enumerated() {
        guard let name = Self.imported(by: line), !allowed.contains(name) else { continue }
        findings.append(
          "\(file.path):\(number + 1): \(module) may not import \(name); it may import "
            + (allowed.isEmpty ? "nothing" : allowed.sorted().joined(separator: ", ")))
      }
    }
    House.expectNone(findings, "the walls of DESIGN, section 2")
  }

  @Test func `every module has its wall`() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: House.root.appending(path: "Sources").path)
    let swift = folders.filter { !House.swiftFiles(in: "Sources/" + $0).isEmpty }
    #expect(Set(swift) == Set(Self.walls.keys))
  }

  /// The module that a line of code imports.
  static func imported(by line: Substring) -> String? {
    let words = line.split { $0 == " " || $0 == "." }.map(String.init)
    guard let at = words.firstIndex(of: "import"), words.indices.contains(at + 1),
      words[..<at].allSatisfy({
        $0.hasPrefix("@") || ["public", "internal", "private"].contains($0)
      })
    else { return nil }
    let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    let name = words[at + 1]
    return kinds.contains(name) && words.indices.contains(at + 2) ? words[at + 2] : name
  }

  @Test func `an import is seen in every form`() {
    #expect(Self.imported(by: "import Foundation") == "Foundation")
    #expect(Self.imported(by: "@preconcurrency public import Foundation.NSURL") == "Foundation")
    #expect(Self.imported(by: "import struct Foundation.Date") == "Foundation")
    #expect(Self.imported(by: "let important = 1") == nil)
  }
}
