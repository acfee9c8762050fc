import Testing

/// A crash point that is passed nowhere shows nothing, and one that is passed in two places is two.
@Suite struct CrashPointsTests {
  @Test func `every crash point is passed in one line of the sources`() throws {
    let files = House.swiftFiles(in: "Sources")
    let list = try #require(files.first { $0.path == "Sources/Ledger/CrashPoint.swift" })
    let names = list.codeLines.compactMap { line -> Substring? in
      let words = line.split(separator: " ")
      return words.first == "case" && words.count > 1 ? words[1] : nil
    }
    #expect(names.count > 30)
    var findings: [String] = []
    for name in names {
      let count = files.reduce(0) { $0 + $1.code.ranges(of: ".pass(.\(name))").count }
      if count != 1 { findings.append("`.pass(.\(name))` stands in \(count) places") }
    }
    let passes = files.reduce(0) { $0 + $1.code.ranges(of: ".pass(").count }
    #expect(passes == names.count, "a point is passed that is not in the list")
    House.expectNone(findings, "crash points")
  }
}
