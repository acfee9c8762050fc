import Foundation
import Outside
import Testing

/// The project's own files, as the tests of this folder look at them.
enum House {
  /// The folder of `Package.swift`, links resolved.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// True when pages are to be written instead of compared.
  static let isUpdating = ProcessInfo.processInfo.environment["UPDATE"] == "1"

  /// Paths below `folder`, relative to the root, sorted.
  static func paths(in folder: String, ending: String) -> [String] {
    let all = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
    return (all?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(ending) && !$0.contains(".build/") }
      .map { folder + "/" + $0 }.sorted()
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static let modules = ["Crew", "Platforms", "Ledger", "Curl", "Daemon", "Sandbox", "crewbell"]

  private static let everySwiftFile = ["Sources", "Tests"]
    .flatMap { paths(in: $0, ending: ".swift") }
    .compactMap { path in (try? text(path)).map { SwiftFile(path: path, text: $0) } }

  static func swiftFiles(in folder: String) -> [SwiftFile] {
    everySwiftFile.filter { $0.path.hasPrefix(folder + "/") }
  }

  /// Fails with all findings at once, one a line.
  static func expectNone(
    _ findings: [String], _ comment: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    if !findings.isEmpty {
      Issue.record(
        "\(comment):\n\(findings.joined(separator: "\n"))", sourceLocation: sourceLocation)
    }
  }

  /// Compares a page that is made from the code, or writes it.
  static func expectPage(
    _ path: String, is made: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    if isUpdating {
      try made.write(to: root.appending(path: path), atomically: true, encoding: .utf8)
    }
    let standing = try? text(path)
    #expect(
      standing == made, "\(path) is out of date: run `UPDATE=1 swift test --filter HouseTests`",
      sourceLocation: sourceLocation)
  }

  /// Runs a program to its end.
  static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let outcome = try Program.run(arguments, in: root)
    return (outcome.status, outcome.text)
  }
}

/// One source file, as written and as bare code.
struct SwiftFile {
  let path: String
  let text: String
  /// The same with every comment and every letter of a string blank, so that places agree.
  let code: String
  let lines: [Substring]
  let codeLines: [Substring]

  init(path: String, text: String) {
    self.path = path
    self.text = text
    code = SwiftText.code(of: text)
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    codeLines = code.split(separator: "\n", omittingEmptySubsequences: false)
  }
}
