import Foundation
import Testing

/// What systemd itself says of our unit, where its tools are installed (they are on Debian 12).
@Suite struct UnitTests {
  static let exposureMax = 1.5
  static let hasSystemd = FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")

  @Test(.enabled(if: hasSystemd, "systemd-analyze is not installed"))
  func `the unit is hardly exposed`() throws {
    let said = try House.run([
      "systemd-analyze", "security", "--offline=true", "--no-pager",
      "--threshold=\(Int(Self.exposureMax * 10))", "systemd/crewbell.service",
    ])
    let line = said.output.split(separator: "\n").last { $0.contains("Overall exposure") } ?? ""
    let exposure = line.split(separator: " ").compactMap { Double($0) }.first
    #expect(try #require(exposure) <= Self.exposureMax)
  }

  /// The binary is not installed where tests run, so another program stands in for it.
  @Test(.enabled(if: hasSystemd, "systemd-analyze is not installed"))
  func `systemd has nothing to say about the unit`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let unit = try House.text("systemd/crewbell.service")
    #expect(unit.contains("ExecStart=/usr/local/bin/crewbell "))
    let file = folder.appending(path: "crewbell.service")
    try unit.replacing("/usr/local/bin/crewbell", with: "/bin/true")
      .write(to: file, atomically: true, encoding: .utf8)
    let said = try House.run(["systemd-analyze", "verify", "--man=no", file.path])
    #expect(said.output == "")
    #expect(said.status == 0)
  }

  @Test func `above each setting stands its reason`() throws {
    let lines = try House.text("systemd/crewbell.service")
      .split(separator: "\n", omittingEmptySubsequences: false)
    var findings: [String] = []
    // A reason counts for the settings right below it; an empty line ends it.
    var hasReason = false
    for (number, line) in lines.enumerated() {
      if line.hasPrefix("#") { hasReason = true }
      if line.isEmpty || line.hasPrefix("[") { hasReason = false }
      let isPlain = ["Description=", "ExecStart=", "WantedBy="].contains(where: line.hasPrefix)
      if line.contains("="), !line.hasPrefix("#"), !hasReason, !isPlain {
        findings.append("systemd/crewbell.service:\(number + 1): \(line)")
      }
    }
    House.expectNone(findings, "settings without a reason")
  }
}
