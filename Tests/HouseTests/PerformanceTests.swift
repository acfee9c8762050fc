import Foundation
import Testing

/// docs/performance.md is written by `make bench`; this keeps it to the benchmarks that exist.
@Suite struct PerformanceTests {
  /// Each benchmark with its goal, as the table in Benchmarks/run.py names them.
  private static func benchmarks() throws -> [(name: String, goal: String)] {
    let script = try House.text("Benchmarks/run.py")
    let table = try #require(script.split(separator: "ROWS = {\n").dropFirst().first)
    let body = table.split(separator: "\n}\n")[0]
    return body.components(separatedBy: "\n    \"").map { entry in
      let name = entry.trimmingCharacters(in: CharacterSet(charactersIn: " \"\n"))
        .prefix { $0 != "\"" }
      let goal = entry.components(separatedBy: "\"").dropLast().last ?? ""
      return (String(name), goal.isEmpty ? "–" : goal)
    }
  }

  /// The cells of each row of the page.
  private static func rows() throws -> [[String]] {
    try House.text("docs/performance.md").split(separator: "\n")
      .filter { $0.hasPrefix("| `") }
      .map { line in
        line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      }
  }

  @Test func `the page has a row for each benchmark, with its goal`() throws {
    let benchmarks = try Self.benchmarks()
    let rows = try Self.rows()
    #expect(benchmarks.count > 10)
    #expect(rows.map { $0[0] } == benchmarks.map { "`\($0.name)`" })
    for (row, benchmark) in zip(rows, benchmarks) {
      #expect(row[3] == benchmark.goal, "\(benchmark.name)")
    }
  }

  @Test func `a ratio outside its goal says so`() throws {
    for row in try Self.rows() {
      let words = row[3].split(separator: " ")
      guard words.count == 2, let limit = Double(words[1]),
        let ratio = Double(row[2].prefix { !",".contains($0) })
      else { continue }
      let isMet = words[0] == "≤" ? ratio <= limit : ratio >= limit
      #expect(row[2].hasSuffix("**missed**") != isMet, "\(row[0])")
    }
  }

  @Test func `nothing is measured that has no row`() throws {
    let names = Set(try Self.benchmarks().map(\.name))
    let sources =
      House.paths(in: "Benchmarks/Sources", ending: ".swift")
      + House.paths(in: "Benchmarks", ending: ".py").filter { !$0.contains("/.") }
    var measured: Set<String> = []
    for path in sources {
      let text = try House.text(path)
      for part in text.components(separatedBy: "row(").dropFirst() {
        let argument = part.drop { $0 == " " || $0 == "\n" }
        guard argument.first == "\"" else { continue }
        measured.insert(String(argument.dropFirst().prefix { $0 != "\"" }))
      }
    }
    #expect(measured.isSubset(of: names), "\(measured.subtracting(names))")
    #expect(names.subtracting(measured) == [])
  }
}
