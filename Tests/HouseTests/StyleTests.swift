import Foundation
import Testing

@Suite struct StyleTests {
  /// A word that does not stand in the sources, and what to write instead.
  struct Ban {
    let word: String
    let instead: String
    /// Where it is all right, with the reason.
    var except: [String: String] = [:]
    /// The folders it is banned from.
    var folders = ["Sources"]
  }

  static let bans = [
    Ban(word: "print(", instead: "a Logger", except: ["Sources/crewbell/": "it talks to a person"]),
    Ban(word: "Date()", instead: "the Clock or the Now that was handed in"),
    Ban(word: "try!", instead: "`try` and an error that is told"),
    Ban(word: "as!", instead: "`as?` and a way out"),
    Ban(word: "fatalError(", instead: "a thrown error: nothing from outside may stop the daemon"),
    Ban(
      word: "Task.sleep", instead: "the Clock that was handed in",
      except: [
        "Sources/Daemon/SystemClock.swift": "it is the clock",
        "Sources/Daemon/DemoDaemon.swift": "the demo's clock",
        "Sources/Sandbox/": "a server of its own, outside the daemon",
      ]),
    Ban(
      word: ".random(", instead: "the Chance that was handed in",
      except: ["Sources/Daemon/Ports.swift": "it is the chance"]),
    Ban(word: "URLSession", instead: "Curl.perform"),
    Ban(
      word: "NSRegularExpression", instead: "a scanner by hand: it is linear, whatever is written"),
    Ban(word: "Regex", instead: "a scanner by hand: `(a+)+b` on 18 letters takes 12 s"),
    Ban(word: "String(format:", instead: "interpolation: `%n` of a chat must not be read"),
    Ban(word: "@unchecked Sendable", instead: "Mutex, an actor, or a value"),
    Ban(word: "nonisolated(unsafe)", instead: "Mutex, an actor, or a value"),
    Ban(word: "try!", instead: "`throws` and `try`", folders: ["Tests"]),
    Ban(word: "Thread.sleep", instead: "waiting for a condition", folders: ["Sources", "Tests"]),
  ]

  @Test func `banned words stand nowhere`() {
    var findings: [String] = []
    for ban in Self.bans {
      for file in ban.folders.flatMap(House.swiftFiles) {
        guard file.code.contains(ban.word),
          !ban.except.keys.contains(where: file.path.hasPrefix)
        else { continue }
        for (number, line) in file.codeLines.enumerated() where Self.has(ban.word, line) {
          findings.append(
            "\(file.path):\(number + 1): `\(ban.word)` is banned, use \(ban.instead)")
        }
      }
    }
    House.expectNone(findings, "banned words")
  }

  @Test func `an exception that nobody needs any more is gone`() {
    var findings: [String] = []
    for ban in Self.bans {
      let files = ban.folders.flatMap(House.swiftFiles)
      for place in ban.except.keys.sorted() {
        let isNeeded = files.contains { file in
          file.path.hasPrefix(place) && file.code.contains(ban.word)
        }
        if !isNeeded { findings.append("`\(ban.word)` does not stand in \(place) any more") }
      }
    }
    House.expectNone(findings, "remove the exception")
  }

  /// A word, not the end of another: `blueprint(` is no `print(`.
  static func has(_ word: String, _ line: Substring) -> Bool {
    line.ranges(of: word).contains { range in
      guard let first = word.first, first.isLetter, range.lowerBound > line.startIndex else {
        return true
      }
      let before = line[line.index(before: range.lowerBound)]
      return !before.isLetter && !before.isNumber && before != "_"
    }
  }

  @Test func `nothing is left for later in a comment`() {
    var findings: [String] = []
    let words = ["FIX" + "ME", "TO" + "DO", "XX" + "X", "HA" + "CK"]
    for file in ["Sources", "Tests"].flatMap(House.swiftFiles) {
      for (number, line) in file.lines.enumerated() {
        for word in words where Self.hasWhole(word, line) {
          findings.append("\(file.path):\(number + 1): \(word): do it now, or write an issue")
        }
      }
    }
    House.expectNone(findings, "left for later")
  }

  static func hasWhole(_ word: String, _ line: Substring) -> Bool {
    line.contains(word) && line.split { !$0.isLetter && !$0.isNumber }.contains { $0 == word }
  }

  static let columnsMax = 100
  static let linesMax = 60

  /// A line of a text in `"""` is as long as what is said there: breaking it would change it.
  @Test func `a line has at most 100 columns`() {
    var findings: [String] = []
    for file in ["Sources", "Tests"].flatMap(House.swiftFiles) {
      for (number, line) in file.lines.enumerated() where line.count > Self.columnsMax {
        let isText = !line.contains("//") && file.codeLines[number].allSatisfy { $0 == " " }
        if !isText { findings.append("\(file.path):\(number + 1): \(line.count) columns") }
      }
    }
    House.expectNone(findings, "lines over \(Self.columnsMax) columns")
  }

  @Test func `a function has at most 60 lines`() {
    var findings: [String] = []
    for file in ["Sources", "Tests"].flatMap(House.swiftFiles) {
      for block in SwiftText.blocks(in: file.code)
      where !block.isType && block.lines > Self.linesMax {
        findings.append("\(file.path):\(block.line): \(block.lines) lines")
      }
    }
    House.expectNone(findings, "functions over \(Self.linesMax) lines")
  }

  @Test func `no file names a folder of the machine it was written on`() throws {
    let folders = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"]
    var findings: [String] = []
    let kinds = [
      ".swift", ".md", ".yaml", ".json", ".py", ".sh", ".service", ".txt", ".html", ".js",
    ]
    let all = ["Sources", "Tests", "config", "systemd", "docs", "Benchmarks", "Fuzz", ".ci"]
    let paths = all.flatMap { folder in kinds.flatMap { House.paths(in: folder, ending: $0) } }
    for path in paths + ["Package.swift", "Makefile", ".ci/run"] + Documents.top {
      guard let text = try? House.text(path) else { continue }
      for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        for folder in folders where line.contains(folder) {
          findings.append("\(path):\(number + 1): \(folder)")
        }
      }
    }
    House.expectNone(findings, "folders of a machine")
  }
}

/// The tests above are only as good as the scanner below them.
@Suite struct SwiftTextTests {
  @Test(arguments: [
    ("a // print(", "a"), ("a /* b /* c */ d */ e", "a e"), (#"f("print(") + g"#, "f( ) + g"),
    (#""a\(b("c"))d" + e"#, "b( ) + e"), (##"#"a"b\("# + c"##, "+ c"), (#""\"" + a"#, "+ a"),
    ("\"\"\"\n a\"b\n \"\"\" + c", "+ c"), (#""\\" + a"#, "+ a"), (##"#"\#(a)b"# + c"##, "a + c"),
  ]) func `comments and strings are blank, code is not`(text: String, code: String) {
    let made = SwiftText.code(of: text)
    #expect(made.utf8.count == text.utf8.count)
    #expect(made.split { $0 == " " || $0 == "\n" }.joined(separator: " ") == code)
  }

  @Test func `a block knows its lines and whether it is a type`() {
    let blocks = SwiftText.blocks(
      in: "struct A {\n  let x = 1\n\n  func f() {\n    g { h }\n  }\n}\n")
    #expect(blocks.map(\.lines) == [1, 3, 7])
    #expect(blocks.map(\.isType) == [false, false, true])
    #expect(blocks.map(\.line) == [5, 4, 1])
  }

  @Test func `a banned word is not found inside another`() {
    #expect(StyleTests.has("print(", "  print(x)"))
    #expect(!StyleTests.has("print(", "  blueprint(x)"))
    #expect(StyleTests.has("as!", "x as! Y"))
  }
}
