import Foundation
import Testing

/// `docs/reliability.md` names the test behind each promise. A test that is renamed or removed is
/// missed here.
@Suite struct ReliabilityTests {
  static let page = "docs/reliability.md"

  /// One row of a table of the page, by the heads of its columns.
  struct Row {
    var line: Int
    var cells: [String: String]
  }

  /// Every table row under a row of heads; `\|` is no border.
  static func rows(of text: String) -> [Row] {
    var rows: [Row] = []
    var heads: [String] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      guard line.hasPrefix("|") else {
        heads = []
        continue
      }
      let cells = cells(of: line)
      if heads.isEmpty {
        heads = cells
      } else if !cells.allSatisfy({ $0.allSatisfy { $0 == "-" || $0 == ":" } }) {
        rows.append(
          Row(
            line: number + 1, cells: Dictionary(zip(heads, cells), uniquingKeysWith: { $1 })))
      }
    }
    return rows
  }

  private static func cells(of line: Substring) -> [String] {
    line.replacing("\\|", with: "\u{0}").split(separator: "|", omittingEmptySubsequences: false)
      .dropFirst().dropLast()
      .map { $0.replacing("\u{0}", with: "|").trimmingCharacters(in: .whitespaces) }
  }

  /// What stands between backticks.
  static func codes(in cell: String) -> [String] {
    cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .compactMap { $0.offset.isMultiple(of: 2) ? nil : String($0.element) }
  }

  /// Every test as `Suite/sentence`.
  static func tests(in files: [SwiftFile]) -> Set<String> {
    var found: Set<String> = []
    for file in files {
      var suite = ""
      var isSuite = false
      for line in file.lines {
        if line.contains("@Suite") { isSuite = true }
        if isSuite, let name = name(after: "struct ", in: line) {
          suite = name
          isSuite = false
        }
        if line.contains("func `"), let sentence = name(after: "func ", in: line) {
          found.insert("\(suite)/\(sentence)")
        }
      }
    }
    return found
  }

  /// The name that follows a keyword, without its backticks.
  private static func name(after keyword: String, in line: Substring) -> String? {
    guard let range = line.firstRange(of: keyword) else { return nil }
    let rest = line[range.upperBound...]
    if rest.hasPrefix("`") { return rest.dropFirst().split(separator: "`").first.map(String.init) }
    return String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
  }

  @Test func `every test that the page of reliability names is there`() throws {
    let known = Self.tests(in: House.swiftFiles(in: "Tests"))
    #expect(known.count > 100)
    var named = 0
    var findings: [String] = []
    for row in Self.rows(of: try House.text(Self.page)) {
      for test in Self.codes(in: row.cells["shown by"] ?? row.cells["test"] ?? "")
      where test.contains("/") {
        named += 1
        if !known.contains(test) { findings.append("\(Self.page):\(row.line): no test \(test)") }
      }
    }
    #expect(named > 100)
    House.expectNone(findings, "tests that the page names and nobody has written")
  }

  @Test func `every fault has one row, and says what shows it`() throws {
    let rows = Self.rows(of: try House.text(Self.page))
    #expect(rows.compactMap { $0.cells["#"] } == (1...60).map(String.init))
    let silent = rows.filter { $0.cells["shown by"]?.isEmpty == true }
    House.expectNone(silent.map { "\(Self.page):\($0.line)" }, "rows without a test or a reason")
  }

  @Test func `a table of the page is read as it is shown`() {
    let rows = Self.rows(of: "| # | shown by |\n|---|:-:|\n| 1 | `S/a \\| b`, and `c` |\n\n| x |")
    #expect(rows.map(\.cells) == [["#": "1", "shown by": "`S/a | b`, and `c`"]])
    #expect(Self.codes(in: rows[0].cells["shown by"] ?? "") == ["S/a | b", "c"])
  }
}
