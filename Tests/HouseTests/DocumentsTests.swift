import Foundation
import Testing

/// The pages that people read.
enum Documents {
  static let top = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
  static var all: [String] { top + House.paths(in: "docs", ending: ".md") }
}

@Suite struct DocumentsTests {
  /// What stands in the parentheses of `[text](target)`, with its line.
  static func links(in text: String) -> [(line: Int, target: String)] {
    var found: [(Int, String)] = []
    var isCode = false
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if line.hasPrefix("```") { isCode.toggle() }
      if isCode { continue }
      for start in line.ranges(of: "](") {
        let rest = line[start.upperBound...]
        guard let end = rest.firstIndex(of: ")") else { continue }
        let target = rest[..<end].split(separator: " ").first.map(String.init) ?? ""
        found.append((number + 1, target))
      }
    }
    return found
  }

  /// As GitHub makes it of a heading: small letters, spaces to hyphens, other marks dropped.
  static func anchor(_ heading: Substring) -> String {
    let title = heading.drop { $0 == "#" || $0 == " " }.lowercased()
    return String(
      title.compactMap {
        $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : $0 == " " ? "-" : nil
      })
  }

  @Test func `every link of the documents leads somewhere`() throws {
    var findings: [String] = []
    for page in Documents.all {
      guard let text = try? House.text(page) else { continue }
      for (line, target) in Self.links(in: text) where !target.contains("://") {
        if let wrong = Self.fault(of: target, on: page) {
          findings.append("\(page):\(line): \(target): \(wrong)")
        }
      }
    }
    House.expectNone(findings, "links that lead nowhere")
  }

  private static func fault(of target: String, on page: String) -> String? {
    if target.hasPrefix("mailto:") { return nil }
    let parts = target.split(separator: "#", omittingEmptySubsequences: false)
    let folder = (page as NSString).deletingLastPathComponent
    let path = parts[0].isEmpty ? page : (folder.isEmpty ? "" : folder + "/") + parts[0]
    guard FileManager.default.fileExists(atPath: House.root.appending(path: path).path) else {
      return "there is no such file"
    }
    guard parts.count > 1, path.hasSuffix(".md"), let text = try? House.text(path) else {
      return nil
    }
    let anchors = text.split(separator: "\n").filter { $0.hasPrefix("#") }.map(anchor)
    return anchors.contains(String(parts[1])) ? nil : "there is no such heading"
  }

  @Test func `a link and a heading are read as GitHub reads them`() {
    #expect(
      Self.links(in: "see [a](b.md#c) and\n![x](y.png \"t\")").map(\.target) == ["b.md#c", "y.png"])
    #expect(Self.anchor("## 4. The team, and `you`") == "4-the-team-and-you")
  }
}
