import Crew
import Testing

@Suite struct CheckinsReaderTests {
  /// What becomes of an answer of Ben's, as the team reads it.
  private func read(_ answer: String, questions: String = "") -> String {
    var stage = Stage(zone: "Europe/Berlin")
    var script = "ana: !checkin schedule daily 09:30\n"
    if !questions.isEmpty { script += "ana: !checkin questions daily \(questions)\n" }
    _ = stage.play(script + "at 10:00\nben: !checkin \(answer)")
    stage.transcript = []
    let lines = stage.play("ana → bell: report @ben").split(separator: "\n")
    return lines.last?.split(separator: ": ", maxSplits: 2).last.map(String.init) ?? ""
  }

  @Test func `one free line is what was done`() {
    #expect(
      read("shipped it at 7:30 with Bob today: good") == "shipped it at 7:30 with Bob today: good")
    #expect(read("see https://example.org/a;b") == "see https://example.org/a; b")
    #expect(read("修好了打印机") == "修好了打印机")
  }

  @Test(arguments: [
    "done: a; doing: b; blocked: c", "done: a⏎doing: b⏎blocked: c",
    "done: a doing: b blocked: c", "done: a / doing: b / blocked: c",
    "Yesterday: a⏎Today: b⏎Blockers: c", "a; today: b; blocked: c",
    "blocked: c; done: a; next: b", "- done: a⏎- doing: b⏎- blocked: c",
    "昨日：a；今日：b；阻塞：c", "昨天：a，今天：b，卡住：c", "完成:a⏎计划:b⏎阻塞:c",
    "ｄｏｎｅ：a；ｔｏｄａｙ：b；ｂｌｏｃｋｅｄ：c", "done : a; doing : b; blocked : c",
  ])
  func `three keys in any shape`(_ answer: String) {
    #expect(read(answer) == "a · next: b · blocked: c")
  }

  @Test(arguments: ["none", "no", "Nothing.", "-", "n/a", "无", "没有。", ""])
  func `nothing that blocks is no blocker`(_ word: String) {
    #expect(read("done: a; blocked: \(word)") == "a")
  }

  @Test func `a list under a key belongs to the key`() {
    #expect(read("done:⏎- a⏎- b⏎doing:⏎• c") == "a; b · next: c")
  }

  @Test func `own questions`() {
    let questions = "Wins? | What did you learn? | Blocked?"
    let expected = "Wins? a · What did you learn? b · blocked: c"
    #expect(read("a | b | c", questions: questions) == expected)
    #expect(read("1. a⏎2. b⏎3. c", questions: questions) == expected)
    #expect(read("wins: a; learn: b; blocked: c", questions: questions) == expected)
    #expect(
      read("2、b；1、a；3、c", questions: questions) == "What did you learn? b · Wins? a · blocked: c")
  }

  @Test func `no text stops it`() {
    let bits = [
      "done:", "：", ";", "；", "⏎", "|", "/", "昨日：", "today", ":", "@ben", "@", "1.", "2、", "- ",
      " ",
      "😀", "e\u{301}", "\u{202E}", "x", "，", "skip", "for", "edit",
    ]
    var stage = Stage(zone: "Europe/Berlin")
    _ = stage.play(
      "ana: !checkin schedule daily 09:30\nana: !checkin questions daily A? | B c?\nat 10:00")
    var chance: UInt64 = 42
    for _ in 0..<300 {
      var text = ""
      for _ in 0..<12 {
        chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += bits[Int(chance >> 33) % bits.count]
      }
      _ = stage.play("ben → bell: checkin \(text)\nben → bell: \(text)\nana: !block \(text)")
    }
    #expect(stage.play("ana → bell: report").contains("report"))
  }
}
