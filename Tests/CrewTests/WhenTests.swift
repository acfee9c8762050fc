import Testing

@testable import Crew

/// One line a case: what is written (`with ben` follows) → what is read of exactly those words. It
/// is Monday 2026-11-23, 09:00 in Berlin. `-` is no date, `✗` a refusal.
@Suite struct WhenTests {
  /// A platform that shows everybody their own clock needs the moment; others have the words.
  @Test func `a time is told as a moment, a day as a day`() throws {
    let now = Now(Instant(seconds: 1_795_420_800), zones: FoundationZones())
    let speaker = Speaker.alone(Words(), language: "en")
    let friday = try #require(Day("2026-11-27"))
    let five = try #require(TimeOfDay("17:00"))
    let words = "Fri 27 Nov 17:00 (Europe/Berlin)"
    let at = Instant(seconds: 1_795_795_200)
    for when in [When.time(friday, five), .instant(at)] {
      let said = speaker.say(when.phrase(now, in: "Europe/Berlin"))
      #expect(said.nodes == [.moment(words: words, at: at, offsetSeconds: 3600)])
      #expect(said.plain(prefix: "!") == words)
    }
    let day = speaker.say(When.day(friday).phrase(now, in: "Europe/Berlin"))
    #expect(day.plain(prefix: "!") == "Fri 27 Nov (Europe/Berlin)")
    #expect(day.nodes.allSatisfy { if case .moment = $0 { false } else { true } })
  }

  @Test func `English dates`() {
    checkDates(
      """
      today → 2026-11-23
      tomorrow → 2026-11-24
      tomorrow at 9 → 2026-11-24 09:00
      tomorrow morning → 2026-11-24 09:00
      tomorrow evening at 8 → 2026-11-24 20:00
      tonight → 2026-11-23 18:00
      tonight at 8 → 2026-11-23 20:00
      mon → 2026-11-30
      tue → 2026-11-24
      thurs → 2026-11-26
      sunday → 2026-11-29
      fri 17:30 → 2026-11-27 17:30
      fri, 17:30 → 2026-11-27 17:30
      friday 5pm → 2026-11-27 17:00
      on fri → 2026-11-27
      by fri. → 2026-11-27
      this fri → 2026-11-27
      this mon → 2026-11-23
      next fri → 2026-12-04
      next mon → 2026-11-30
      next week → 2026-11-30
      next month → 2026-12-01
      in 3d → 2026-11-26
      in 3 days → 2026-11-26
      3d → 2026-11-26
      2w → 2026-12-07
      in a week → 2026-11-30
      in 2 months → 2027-01-23
      5 Dec → 2026-12-05
      5dec → 2026-12-05
      5th of December → 2026-12-05
      Dec 5 → 2026-12-05
      Dec 5th, 2027 → 2027-12-05
      5 Dec 17:30 → 2026-12-05 17:30
      5 Dec 2027 17:30 → 2027-12-05 17:30
      23 nov → 2026-11-23
      22 nov → 2027-11-22
      29 feb → 2028-02-29
      the 15th → 2026-12-15
      2026-12-05 → 2026-12-05
      2026/12/5 → 2026-12-05
      2026-01-05 → 2026-01-05
      12-05 → 2026-12-05
      11-22 → 2027-11-22
      25/12 → 2026-12-25
      12/25 → 2026-12-25
      24.12.2026 → 2026-12-24
      eom → 2026-11-30
      end of month → 2026-11-30
      eow → 2026-11-27
      """)
  }

  @Test func `times and elapsed time`() {
    checkDates(
      """
      17:30 → 2026-11-23 17:30
      08:30 → 2026-11-24 08:30
      9:00 → 2026-11-24 09:00
      5pm → 2026-11-23 17:00
      5:30 pm → 2026-11-23 17:30
      12am → 2026-11-24 00:00
      12 pm → 2026-11-23 12:00
      noon → 2026-11-23 12:00
      at 16 → 2026-11-23 16:00
      at 9 tomorrow → 2026-11-24 09:00
      17:30 on fri → 2026-11-27 17:30
      1hr → +60
      in 1 hr → +60
      in an hour → +60
      2h → +120
      1h 30min → +90
      1h30m → +90
      30min → +30
      in 90 minutes → +90
      """)
  }

  @Test func `Chinese dates, glued or spaced`() {
    checkDates(
      """
      今天 → 2026-11-23
      明天 → 2026-11-24
      后天 → 2026-11-25
      大后天 → 2026-11-26
      周五 → 2026-11-27
      星期五 → 2026-11-27
      礼拜天 → 2026-11-29
      周一 → 2026-11-30
      本周五 → 2026-11-27
      下周五 → 2026-12-04
      下下周一 → 2026-12-07
      下个星期三 → 2026-12-02
      下周 → 2026-11-30
      周末 → 2026-11-28
      3天后 → 2026-11-26
      三天后 → 2026-11-26
      ３天后 → 2026-11-26
      3 天 → 2026-11-26
      十二天后 → 2026-12-05
      两周后 → 2026-12-07
      2个星期后 → 2026-12-07
      一个月后 → 2026-12-23
      5日后 → 2026-11-28
      2小时后 → +120
      两个小时后 → +120
      半小时后 → +30
      1个半小时后 → +90
      30分钟后 → +30
      12月5日 → 2026-12-05
      12月5号 → 2026-12-05
      十二月五号 → 2026-12-05
      2027年1月5日 → 2027-01-05
      15号 → 2026-12-15
      下午5点半 → 2026-11-23 17:30
      上午9点 → 2026-11-24 09:00
      晚上8点 → 2026-11-23 20:00
      今晚8点 → 2026-11-23 20:00
      中午 → 2026-11-23 12:00
      十点一刻 → 2026-11-23 10:15
      17点20分 → 2026-11-23 17:20
      周五下午5点 → 2026-11-27 17:00
      周五 下午 5点 → 2026-11-27 17:00
      周五下午5：30 → 2026-11-27 17:30
      明天上午 → 2026-11-24 09:00
      12月5日下午三点 → 2026-12-05 15:00
      周五前 → 2026-11-27
      月底 → 2026-11-30
      下月底 → 2026-12-31
      """)
  }

  @Test func `what has two meanings or does not exist is refused`() {
    checkDates(
      """
      05/06 → ✗ “05/06” could be Sat 5 Jun or Thu 6 May. Write 2027-06-05, or the month's name.
      31 apr → ✗ There is no “31 apr”. Write a date like 5 Dec, a time like 17:30.
      2026-02-30 → ✗ There is no “2026-02-30”. Write a date like 5 Dec, a time like 17:30.
      13月5日 → ✗ There is no “13月5日”. Write a date like 5 Dec, a time like 17:30.
      25:00 → ✗ There is no “25:00”. Write a date like 5 Dec, a time like 17:30.
      fri 10:75 → ✗ There is no “10:75”. Write a date like 5 Dec, a time like 17:30.
      13pm → ✗ There is no “13pm”. Write a date like 5 Dec, a time like 17:30.
      tomorrow at 5 → ✗ 5 in the morning or in the afternoon? Write 05:00 or 17:00.
      5点 → ✗ 5 in the morning or in the afternoon? Write 05:00 or 17:00.
      9999-12-31 → ✗ There is no “9999-12-31”. Write a date like 5 Dec, a time like 17:30.
      晚上2点 → ✗ There is no “晚上2点”. Write a date like 5 Dec, a time like 17:30.
      """)
  }

  @Test func `anything else is no date`() {
    checkDates(
      """
      renew → -
      monkey → -
      today's → -
      may → -
      5 → -
      dec → -
      1:1 → -
      16:9 → -
      v1.2 → -
      5.12 → -
      1/2/3 → -
      明天交报告 → -
      12345678901234567890 → -
      in → -
      """)
  }

  @Test func `only the words of the date are taken`() throws {
    let words = ["fri", "17:30", "with", "ben"]
    #expect(
      try When.read(
        words + ["with", "ben"], now: monday, zone: "Europe/Berlin")?.count == 2)
    #expect(try When.read(["", "fri"], now: monday, zone: "Europe/Berlin") == nil)
    #expect(try When.read([], now: monday, zone: "Europe/Berlin") == nil)
  }

  @Test func `stretches of days`() {
    checkRanges(
      """
      mon-wed → 2026-11-30 2026-12-02
      mon - wed → 2026-11-30 2026-12-02
      from tue to thu → 2026-11-24 2026-11-26
      today-wed → 2026-11-23 2026-11-25
      tomorrow until fri → 2026-11-24 2026-11-27
      until fri → 2026-11-23 2026-11-27
      till eom → 2026-11-23 2026-11-30
      fri-tue → 2026-11-27 2026-12-01
      25-27 nov → 2026-11-25 2026-11-27
      nov 25-27 → 2026-11-25 2026-11-27
      22-27 nov → 2026-11-22 2026-11-27
      28 dec - 3 jan → 2026-12-28 2027-01-03
      2026-11-25..2026-11-27 → 2026-11-25 2026-11-27
      2026-11-25 to 2026-11-27 → 2026-11-25 2026-11-27
      12-05..12-08 → 2026-12-05 2026-12-08
      3 days → 2026-11-23 2026-11-25
      for 2w → 2026-11-23 2026-12-06
      in 3 days → 2026-11-26 2026-11-26
      tomorrow → 2026-11-24 2026-11-24
      fri → 2026-11-27 2026-11-27
      next week → 2026-11-30 2026-12-06
      this week → 2026-11-23 2026-11-29
      周一到周三 → 2026-11-30 2026-12-02
      周二 到 周四 → 2026-11-24 2026-11-26
      到周五 → 2026-11-23 2026-11-27
      从明天到周五 → 2026-11-24 2026-11-27
      今天至周三 → 2026-11-23 2026-11-25
      12月5日到8日 → 2026-12-05 2026-12-08
      12月5-8日 → 2026-12-05 2026-12-08
      12月30日到1月3日 → 2026-12-30 2027-01-03
      3天 → 2026-11-23 2026-11-25
      两周 → 2026-11-23 2026-12-06
      3天后 → 2026-11-26 2026-11-26
      下周 → 2026-11-30 2026-12-06
      monkey → -
      2026-11-27..2026-11-25 → ✗ Wed 25 Nov is before Fri 27 Nov.
      27-25 nov → ✗ Wed 25 Nov is before Fri 27 Nov.
      """)
  }

  @Test func `a very long word is simply no date`() throws {
    let long = String(repeating: "周5", count: 10_000)
    #expect(try When.read([long], now: monday, zone: "Europe/Berlin") == nil)
    #expect(try When.range([long, long], now: monday, zone: "Europe/Berlin") == nil)
  }

  @Test func `whatever pieces come together, every date read can be stored`() {
    let pieces = [
      "fri", "next", "in", "9999", "99", "31", "12", "5", "0", "-", "/", ":", ".", "..", " ", "at",
      "pm", "d", "weeks", "months", "feb", "until", "周", "五", "下", "十", "月", "日", "号", "天",
      "后", "点", "半", "晚上", "到", "年", "个", "小时", "eom", "29", "9999-12-31", ",", "the",
    ]
    // A fixed seed (a linear congruential generator is random enough for this): the same each run.
    var seed: UInt64 = 2_026_1123
    func pick(_ count: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % count
    }
    for _ in 0..<20_000 {
      let text = (0...pick(7)).map { _ in pieces[pick(pieces.count)] }.joined()
      let words = Arguments(pieces: [.text(text)]).foldedWords
      if let (when, count) = try? When.read(words, now: monday, zone: "Europe/Berlin") {
        let day = when.day(monday, in: "Europe/Berlin")
        #expect(Day(day.description) == day && (1...words.count).contains(count), "\(text)")
      }
      if let (_, to, count) = try? When.range(words, now: monday, zone: "Europe/Berlin") {
        #expect(Day(to.description) == to && (1...words.count).contains(count), "\(text)")
      }
    }
  }
}

private let monday: Now = {
  let day = Day("2026-11-23") ?? Day(number: 0)
  let zones = FoundationZones()
  let now = Now(Instant(milliseconds: 0), zones: zones)
  return Now(now.instant(of: day, .nine, in: "Europe/Berlin"), zones: zones)
}()

private func checkDates(_ table: String, sourceLocation: SourceLocation = #_sourceLocation) {
  check(table, sourceLocation) { words throws(Refusal) in
    guard
      let (when, count) = try When.read(
        words + ["with", "ben"], now: monday, zone: "Europe/Berlin"),
      count == words.count
    else { return "-" }
    switch when {
    case .day(let day): return "\(day)"
    case .time(let day, let time): return "\(day) \(time)"
    case .instant(let instant): return "+\(instant.seconds(since: monday.instant) / 60)"
    }
  }
}

private func checkRanges(_ table: String, sourceLocation: SourceLocation = #_sourceLocation) {
  check(table, sourceLocation) { words throws(Refusal) in
    guard
      let (from, to, count) = try When.range(
        words + ["with", "ben"], now: monday, zone: "Europe/Berlin"),
      count == words.count
    else { return "-" }
    return "\(from) \(to)"
  }
}

private func check(
  _ table: String, _ sourceLocation: SourceLocation,
  read: ([String]) throws(Refusal) -> String
) {
  let actual = table.split(separator: "\n").map { line in
    let input = line.prefix(upTo: line.firstRange(of: " →")?.lowerBound ?? line.endIndex)
    let words = Arguments(pieces: [.text(String(input))]).foldedWords
    do throws(Refusal) {
      return "\(input) → \(try read(words))"
    } catch {
      let speaker = Speaker(words: shippedWords, language: "en", members: Members())
      return "\(input) → \(speaker.say(error.line).plain(prefix: "!"))"
    }
  }
  #expect(actual.joined(separator: "\n") == table, sourceLocation: sourceLocation)
}
