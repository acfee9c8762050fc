import Crew
import Foundation
import Hostile
import Outside
import Platforms
import Testing

/// Text from a person is only ever text, on every platform.
@Suite struct HostileTests {
  @Test(arguments: TestedPlatform.all)
  func `nothing that is written pings, links or formats`(platform: TestedPlatform) async throws {
    let harms = try await apart { platform.encoder.hostileHarms() }
    #expect(harms == [])
  }

  /// A sign at the end of one piece and a name at the beginning of the next are one ping to a
  /// server that sees only the whole.
  @Test(arguments: ["@", "/", "a/", "@\u{202E}", "(@", "@\u{30A}"])
  func `a ping that two pieces would make together is none`(sign: String) {
    let pieces: [Markup.Node] = [
      .text("admin"), .strong(Markup("admin")), .table("admin"), .command("admin x"),
      .person(name: "admin", identities: [], pings: false),
    ]
    for checks in EncoderChecks.all {
      for piece in pieces {
        #expect(checks.harms(of: Markup([.text(sign), piece, .text(sign), .text("done")])) == [])
      }
    }
  }

  @Test func `a command that may be tapped does not grow by what stands beside it`() {
    for text in ["ly", "@other_bot", "/x", ">", "\u{BD}", "é"] {
      let tree = Markup([.text(text), .command("take"), .text(text), .command("task")])
      for checks in EncoderChecks.all { #expect(checks.harms(of: tree) == [], "\(text)") }
    }
  }

  /// The same through readers that others wrote: Python's HTML parser with bleach's allow-list,
  /// python-telegram-bot's own reading of entities, markdown-it's Markdown, its reader of mail.
  @Test func `other people's readers see the same`() async throws {
    let (count, output) = try await apart {
      var lines: [String] = []
      for checks in EncoderChecks.all where checks.isReadByOthers {
        for text in HostileText.all {
          for tree in checks.trees(with: text) { lines.append(try line(checks, tree)) }
        }
      }
      return (lines.count, try Self.python("hostile_reader.py", [], lines))
    }
    let last = try #require(output.split(separator: "\n").last)
    #expect(last == "\(count) read, 0 harms", "\(output.suffix(4000))")
  }

  /// What is sent, and what ought to be seen of it, as one line of JSON.
  private func line(_ checks: EncoderChecks, _ tree: Markup) throws -> String {
    let request = checks.platform.request(
      for: Post(text: tree), to: checks.target, key: "m1.7", progress: checks.progress,
      with: checks.credential)
    let seen = try #require(try checks.read(request).last)
    let body = request.body ?? Data()
    let wanted = checks.wanted(of: tree)
    let runs = wanted.normal.map { run -> JSON in
      [
        "text": .string(run.text), "strong": .bool(run.style.contains(.strong)),
        "code": .bool(run.style.contains(.code)), "block": .bool(run.style.contains(.block)),
        "person": run.person.map(JSON.string) ?? .null,
      ]
    }
    let line: JSON = [
      "platform": .string(checks.account), "isCut": .bool(seen.normal != wanted.normal),
      "runs": .array(runs),
      "pings": .array(wanted.pings.sorted().map(JSON.string)),
      "sent": JSON(body) ?? .string(String(decoding: body, as: UTF8.self)),
    ]
    return line.text
  }

  /// Runs one of the Python scripts in `Scripts`, in the environment that `make setup` makes.
  static func python(_ script: String, _ arguments: [String], _ lines: [String]) throws -> String {
    let here = URL(filePath: #filePath).deletingLastPathComponent()
    let path = here.appending(path: "Scripts/\(script)").path
    return try Program.run(
      [Python.interpreter.path, path] + arguments,
      input: Data(lines.map { $0 + "\n" }.joined().utf8)
    ).text
  }
}
