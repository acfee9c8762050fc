import Crew
import Testing

@Suite struct CheckinsTests {
  @Test func `a day of a check-in`() {
    check(
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      at 09:30
      bell: daily check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      ana: !checkin shipped invoice fix; today: SLA report; blocked: key from @ben
      bell: ✓ b1 needs ben.  When it is solved: !unblock b1
      at 16:00
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 2)
      ben → bell: why
      bell → ben: Mon 23 Nov 16:00: A check-in closes within the hour, and yours is not there.
      at 17:00
      bell ⤷ daily, Mon 23 Nov: 1 of 2 answered
        ana: shipped invoice fix · next: SLA report · blocked: key from @ben
        No answer yet: ben
      ben: !checkin fixed the printer
      bell: ✅
      ana → bell: report
      bell → ana: daily, Mon 23 Nov: 2 of 2 answered
        ana: shipped invoice fix · next: SLA report · blocked: key from @ben
        ben: fixed the printer
      """)
  }

  @Test func `answers in every shape`() {
    check(
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      at 09:30
      bell: daily check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      ben → bell: done: printer⏎doing: scanner⏎blocked: none
      bell → ben: ✅
      ana → bell: report
      bell → ana: daily, Mon 23 Nov: 1 of 2 answered
        ben: printer · next: scanner
        No answer yet: ana
      ben → bell: checkin edit done: printer doing: scanner, toner blocked: -
      bell → ben: ✅
      ana → bell: report @ben
      bell → ana: Mon 23 Nov ben: printer · next: scanner, toner
      ben → bell: undo
      bell → ben: ↶ Undone: checkin edit done: printer doing: scanner, toner blocked: -
      ana → bell: report @ben
      bell → ana: Mon 23 Nov ben: printer · next: scanner
      ben → bell: checkin also the fax
      bell → ben: ✅
      ana → bell: report @ben
      bell → ana: Mon 23 Nov ben: printer; also the fax · next: scanner
      ben → bell: checkin
      bell → ben: daily, Mon 23 Nov: printer; also the fax · next: scanner  Change: !checkin edit …
      ana: done: this is chat
      ana: Yesterday: release⏎Today: rest⏎Blocked: nothing
      bell: ✅
      ana → bell: report
      bell → ana: daily, Mon 23 Nov: 2 of 2 answered
        ana: release · next: rest
        ben: printer; also the fax · next: scanner
      """)
  }

  @Test func `answers are read again by person and days`() {
    check(
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      ana: !checkin shipped it; blocked: a key
      bell: ✓ b1 is open.  When it is solved: !unblock b1
      at wed 10:00
      bell: daily check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 2)
      bell ⤷ daily, Mon 23 Nov: 1 of 2 answered
        ana: shipped it · blocked: a key
        No answer yet: ben
      bell: daily check-in for Tue 24 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ana: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 5)
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 6)
      bell ⤷ daily, Tue 24 Nov: 0 of 2 answered
        No answer yet: ana, ben
      bell → ana: b1 after 2 working days: is it still in the way?  a key  Solved: !unblock b1  (!why 8)
      bell: daily check-in for Wed 25 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      ana: !checkin rested
      bell: ✅
      ben: !checkin fixed it
      bell: ✅
      at mon 10:00
      bell ⤷ daily, Wed 25 Nov: 2 of 2 answered
        ana: rested
        ben: fixed it
      bell: daily check-in for Thu 26 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ana: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 12)
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 13)
      bell ⤷ daily, Thu 26 Nov: 0 of 2 answered
        No answer yet: ana, ben
      bell → ana: b1 after 4 working days: is it still in the way?  a key  Solved: !unblock b1  (!why 15)
      bell: daily check-in for Fri 27 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ana: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 17)
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 18)
      bell ⤷ daily, Fri 27 Nov: 0 of 2 answered
        No answer yet: ana, ben
      bell: daily check-in for Mon 30 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      ana → bell: report @ben last week
      bell → ana: Wed 25 Nov ben: fixed it
      ana → bell: report last week
      bell → ana: Mon 23 Nov ana: shipped it · blocked: a key
        Wed 25 Nov ana: rested
        Wed 25 Nov ben: fixed it
      ana → bell: report wednesday
      bell → ana: daily, Wed 25 Nov: 2 of 2 answered
        ana: rested
        ben: fixed it
      ana → bell: report @ana 2026-11-23 - 2026-11-24
      bell → ana: Mon 23 Nov ana: shipped it · blocked: a key
      cleo → bell: report
      bell → cleo: I only work for my teams. Write in your team's room first, or send !link from there.
      """)
  }

  @Test func `a report without answers says so`() {
    check(
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      at 09:10
      ana → bell: report yesterday
      bell → ana: No answers for Sun 22 Nov.
      ana → bell: report me last 3 days
      bell → ana: No answers for Sat 21 Nov – Mon 23 Nov.
      ana → bell: report whenever
      bell → ana: ✗ I don't read “whenever” as a date. Try: !report @ben last week
      """)
  }

  @Test func `in Chinese`() {
    check(
      after: [.team(.languageChosen("zh"))],
      """
      ana: ！签到 安排 日报 9:30 周一至周五 截止 17:00
      bell: ✓ 日报：周一至周五 09:30，17:00 截止；首次 11月23日周一。
        自定问题：!签到 问题 日报 做了什么？ | 接下来？
      at 09:30
      bell: 11月23日周一 日报：!签到 昨日：…；今日：…；阻塞：…，17:00 截止
      ana: ！签到 昨日：修复了发票；今日：写SLA报告；阻塞：等@ben的密钥
      bell: ✓ b1 需要ben。  解决后：!解除 b1
      ben: ！日报 打印机
      bell: ✅
      ben → bell: 昨天：打印机。今天：扫描仪
      bell → ben: ✅
      ben: ！阻塞列表
      bell → ben: b1 ana：等@ben的密钥，需要ben，今天起
      ben: ！解除 b1
      bell: ✓ ben解除了 b1：等@ben的密钥
      bell → ana: ✓ ben解除了 b1：等@ben的密钥
      at 17:00
      bell ⤷ 日报，11月23日周一：2/2 人已答
        ana：修复了发票 · 接下来：写SLA报告 · 阻塞：等@ben的密钥
        ben：打印机 · 接下来：扫描仪
      """)
  }

  @Test func `skipped, early, edited, undone`() {
    check(
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      at 09:30
      bell: daily check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      ben: !checkin skip on a train
      bell: ✅
      ana: !checkin for tomorrow finish the SLA report
      bell: ✓ daily, for Tue 24 Nov.  Change: !checkin edit …
      ana: !checkin edit finish the SLA report, then rest
      bell: ✓ daily, for Tue 24 Nov.  Change: !checkin edit …
      ana: !checkin today I write
      bell: ✅
      ana: !undo
      bell: ↶ Undone: !checkin today I write
      at 17:00
      bell → ana: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 2)
      bell ⤷ daily, Mon 23 Nov: 0 of 1 answered
        Skipped: ben
        No answer yet: ana
      at 09:30
      bell: daily check-in for Tue 24 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      ana: !checkin for fri
      bell: ✗ What shall it say? Try: !checkin for tomorrow finish the SLA report
      ana: !checkin for 2027-11-23 x
      bell: ✗ Tue 23 Nov is too far away for a check-in. Try: !checkin for tomorrow finish the SLA report
      ana: !checkin for yesterday forgot to say
      bell: ✓ daily, Mon 23 Nov, late.
      at 17:00
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 5)
      bell ⤷ daily, Tue 24 Nov: 1 of 2 answered
        ana: finish the SLA report, then rest
        No answer yet: ben
      """)
  }

  @Test func `two a day, each by its name`() {
    check(
      """
      ana: !checkin schedule plan 09:30
      bell: ✓ plan: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions plan Done? | Next?
      ana: !checkin schedule eod 17:00 until 20:00
      bell: ✓ eod: 17:00 on everybody's working days, closes 20:00; first on Mon 23 Nov.
        Own questions: !checkin questions eod Done? | Next?
      at 09:30
      bell: plan check-in for Mon 23 Nov: !checkin plan shipped …; today: …; blocked: … — closes 17:00
      ana: !checkin write the report
      bell: ✓ plan, Mon 23 Nov.
      ben: !checkin eod nothing yet
      bell: ✓ eod, Mon 23 Nov.
      at 18:00
      bell → ben: plan check-in closes at 17:00: !checkin plan … or !checkin skip plan  (!why 2)
      bell: eod check-in for Mon 23 Nov: !checkin eod shipped …; today: …; blocked: … — closes 20:00
      bell ⤷ plan, Mon 23 Nov: 1 of 2 answered
        ana: write the report
        No answer yet: ben
      ana: !checkin wrote it
      bell: ✓ eod, Mon 23 Nov.
      ben: !checkin plan all as ever
      bell: ✓ plan, Mon 23 Nov, late.
      at 20:00
      bell ⤷ eod, Mon 23 Nov: 2 of 2 answered
        ana: wrote it
        ben: nothing yet
      """)
  }

  @Test func `nobody speaks on a weekend, a holiday, or to who is away`() {
    check(
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      ana: !calendar holiday 2026-11-25 Founders
      bell: ✓ Wed 25 Nov holiday: Founders.  Take it out: !calendar remove 2026-11-25
      ana: !calendar workday 2026-11-28
      bell: ✓ Sat 28 Nov make-up working day.  Take it out: !calendar remove 2026-11-28
      ana: !away @ben tue-thu
      bell: ✓ ben is away Tue 24 Nov – Thu 26 Nov.  Undo: !undo
      bell → ben: ana entered you as away Tue 24 Nov – Thu 26 Nov.  Sooner: !back
      at mon 17:05
      bell: daily check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ana: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 2)
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 3)
      bell ⤷ daily, Mon 23 Nov: 0 of 2 answered
        No answer yet: ana, ben
      bell: daily check-in for Tue 24 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ana: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 6)
      bell ⤷ daily, Tue 24 Nov: 0 of 1 answered
        Away: ben
        No answer yet: ana
      bell: daily check-in for Thu 26 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ana: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 9)
      bell ⤷ daily, Thu 26 Nov: 0 of 1 answered
        Away: ben
        No answer yet: ana
      bell: daily check-in for Fri 27 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ana: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 12)
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 13)
      bell ⤷ daily, Fri 27 Nov: 0 of 2 answered
        No answer yet: ana, ben
      bell: daily check-in for Sat 28 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ana: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 16)
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 17)
      bell ⤷ daily, Sat 28 Nov: 0 of 2 answered
        No answer yet: ana, ben
      bell: daily check-in for Mon 30 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ana: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 20)
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 21)
      bell ⤷ daily, Mon 30 Nov: 0 of 2 answered
        No answer yet: ana, ben
      """)
  }

  @Test func `a holiday stands above weekdays that were chosen`() {
    check(
      """
      ana: !checkin schedule weekly wed 10:00
      bell: ✓ weekly: 10:00 on Wed, closes 17:00; first on Wed 25 Nov.
        Own questions: !checkin questions weekly Done? | Next?
      ana: !calendar holiday 2026-11-25 Founders
      bell: ✓ Wed 25 Nov holiday: Founders.  Take it out: !calendar remove 2026-11-25
      at 2026-11-26 12:00
      ana: !checkin ahead of time
      bell: ✓ weekly, for Wed 2 Dec.  Change: !checkin edit …
      ana: !calendar holiday 2026-12-02 St Nicholas @ben
      bell: ✓ Wed 2 Dec holiday: St Nicholas (for ben).  Take it out: !calendar remove 2026-12-02
      at 2026-12-02 18:00
      bell: weekly check-in for Wed 2 Dec: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell ⤷ weekly, Wed 2 Dec: 1 of 1 answered
        ana: ahead of time
      """)
  }

  @Test func `whose clock differs is asked alone`() {
    check(
      after: [.members(.zoneChosen(Person(2), "Asia/Shanghai"))],
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      at 17:00
      bell: daily check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 2)
      bell → ana: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 3)
      bell ⤷ daily, Mon 23 Nov: 0 of 2 answered
        No answer yet: ana, ben
      at tue 01:00
      at 10:00
      bell: daily check-in for Tue 24 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ben: daily check-in closes at 17:00: !checkin … or !checkin skip  (!why 6)
      bell → ana: daily check-in for Tue 24 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      ben → bell: checkin ready
      bell → ben: ✅
      ana → bell: checkin ready too
      bell → ana: ✅
      at 17:05
      bell ⤷ daily, Tue 24 Nov: 2 of 2 answered
        ana: ready too
        ben: ready
      """)
  }

  @Test func `nothing here yet, and nothing for strangers`() {
    check(
      """
      ana: !checkin shipped it
      bell: ✗ No check-in is scheduled here yet; a manager does that. Try: !checkin schedule daily 09:30
      ben: !checkin schedule daily 09:30
      bell: ✗ That is for managers of this team.
      cleo → bell: checkin shipped it
      bell → cleo: I only work for my teams. Write in your team's room first, or send !link from there.
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      ana: !checkin edit
      bell: ✗ What shall it say? Try: !checkin edit shipped it; blocked: none
      ana: !checkin for tomorrow
      bell: ✗ What shall it say? Try: !checkin for tomorrow finish the SLA report
      ana: !checkin list of customers sent
      bell: ✅
      ana: !checkin
      bell: daily, Mon 23 Nov: list of customers sent  Change: !checkin edit …
      """)
  }
}

/// The same for a team to which something had happened before.
func check(
  after events: [Event], _ expected: String, zone: String = "Europe/Berlin",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  var stage = Stage(zone: zone)
  for event in events { stage.tell(event) }
  let actual = stage.play(expected)
  #expect(actual == expected, sourceLocation: sourceLocation)
}

extension Stage {
  /// Something that happened outside of the dialog.
  mutating func tell(_ event: Event) { teams.apply(event, to: team.id, at: now) }
}
