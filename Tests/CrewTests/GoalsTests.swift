import Testing

@testable import Crew

@Suite struct GoalsTests {
  @Test func `a goal is added, moved on and closed`() {
    check(
      """
      ana: !goal add First reply @ben by 18 Dec target 90%
      bell: ✓ g1 First reply — by Fri 18 Dec, with ben.  Measure it: !goal kr g1 CSAT 4.1->4.6
      bell → ben: ana put g1 First reply with you.  !goal g1
      ben: !goal g1 6o%
      bell: ✗ "6o%" is not a number. Try: !goal g1 60% pilot signed
      ben: !goal g1 60% pilot signed
      bell: ✓ g1 First reply: 60%, expected 0%
      ben: !undo
      bell: ↶ Undone: !goal g1 60% pilot signed
      ben: !goal g1 ６０％ pilot signed
      bell: ✓ g1 First reply: 60%, expected 0%
      ben: !confidence g1 amber
      bell: ✗ Why? Try: !confidence g1 amber pilot is late
      ben: !confidence g1 purple because
      bell: ✗ Red, amber or green? Try: !confidence g1 amber pilot is late
      ben: !confidence g1 amber vendor is late
      bell: ✅
      ana: !goals
      bell: g1 First reply: 60%, expected 0%, amber — ben
      ana: !goal g1
      bell: g1 First reply: 60%, expected 0%, amber — ben
        Mon 23 Nov to Fri 18 Dec
        amber: vendor is late
        Mon 23 Nov ben: 60% pilot signed
      ben: !goal close g1 done
      bell: ✓ g1 First reply is reached.
        Three lines on how it went: !goal close g1 …
      ben: !goal close g1 pilot worked⏎vendor late⏎ask earlier next time
      bell: ✓ g1 is evaluated.
      ben: !goal g1 70%
      bell: ✗ g1 was closed on Mon 23 Nov. Try: !goals
      ana: !goal g1
      bell: g1 First reply: reached on Mon 23 Nov, at 60% — ben
        Mon 23 Nov to Fri 18 Dec
        amber: vendor is late
        Mon 23 Nov ben: 60% pilot signed
        pilot worked
        vendor late
        ask earlier next time
      ana: !goals
      bell: No open goals. Begin with !goal add CSAT 4.6 @ana by 18 Dec.
      """)
  }

  @Test func `key results are numbers`() {
    check(
      """
      ana: !goal add Happy customers
      bell: ✓ g1 Happy customers — nobody's yet.  Take it: !goal owner g1 me
      ana: !goal kr g1 CSAT 4.1->4.6
      bell: ✓ g1 kr1 CSAT: 4.1 → 4.6.  Update: !goal g1 kr1=4.1
      ana: !goal kr g1 Complaints a week 30->10
      bell: ✓ g1 kr2 Complaints a week: 30 → 10.  Update: !goal g1 kr2=30
      ana: !goal kr g1 Nothing 3->3
      bell: ✗ From which number to which? Try: !goal kr g3 CSAT 4.1->4.6
      ana: !goal g1 kr1=4.35 survey of October
      bell: ✓ g1 Happy customers: 25%
      ana: !goal g1 kr1=4.6 kr2=20
      bell: ✓ g1 Happy customers: 75%
      ana: !goal g1 kr3=1
      bell: ✗ g1 has no kr3. It has kr1 CSAT, kr2 Complaints a week. Try: !goal g1 kr2=20
      ana: !goal g1 kr1=4,7
      bell: ✗ "4,7" is not a number. Try: !goal g1 kr1=4.6
      ana: !goal g1 50%
      bell: ✗ g1 is measured by its key results. Try: !goal g1 kr1=4.6
      ana: !goal g1
      bell: g1 Happy customers: 75% — nobody
        kr1 CSAT: 4.6 (4.1 → 4.6, 100%)
        kr2 Complaints a week: 20 (30 → 10, 50%)
        Mon 23 Nov ana: 75%
        Mon 23 Nov ana: 25% survey of October
      ana: !undo
      bell: ↶ Undone: !goal g1 kr1=4.6 kr2=20
      ana: !goal owner g1 me
      bell: ✓ g1 Happy customers is with ana.
      ana: !goal owner g1 @ben
      bell: ✓ g1 Happy customers is with ben.
      bell → ben: ana put g1 Happy customers with you.  !goal g1
      ana: !goal due g1 mon
      bell: ✓ g1 Happy customers — by Mon 30 Nov.
      """)
  }

  @Test func `what is not understood changes nothing`() {
    check(
      """
      ana: !goal
      bell: No open goals. Begin with !goal add CSAT 4.6 @ana by 18 Dec.
      ana: !goal g1
      bell: ✗ There are no open goals. Try: !goal add CSAT 4.6 @ana by 18 Dec
      ana: !goal add
      bell: ✗ What shall it be called? Try: !goal add CSAT 4.6 @ana by 18 Dec
      ana: !goal add @ben by fri
      bell: ✗ What shall it be called? Try: !goal add CSAT 4.6 @ana by 18 Dec
      ana: !goal add Speed by 2026-11-01
      bell: ✗ Sun 1 Nov is too early. Try: !goal add CSAT 4.6 @ana by 18 Dec
      ana: !goal add Stand by me by fri
      bell: ✓ g1 Stand by me — by Fri 27 Nov, nobody's yet.  Take it: !goal owner g1 me
      ana: !goal g7 3%
      bell: ✗ There is no goal “g7”. Open are: g1. Try: !goals
      ana: !goal g1 140%
      bell: ✗ From 0 to 100, please. Try: !goal g1 60% pilot signed
      ana: !goal g1 kr1=3
      bell: ✗ g1 has no key results yet. Try: !goal kr g1 CSAT 4.1->4.6
      ana: !goal owner g1 @ben
      bell: ✓ g1 Stand by me is with ben.
      bell → ben: ana put g1 Stand by me with you.  !goal g1
      ana: !goal add Second @ana
      bell: ✓ g2 Second — with ana.  Measure it: !goal kr g2 CSAT 4.1->4.6
      ben: !goal owner g2 @ben
      bell: ✗ g2 is with ana: ask them, or a manager. Try: !goal g2
      ben: !goal close g2
      bell: ✗ g2 is with ana: ask them, or a manager. Try: !goal g2
      cleo: !goals
      """)
  }

  @Test func `goals in Chinese`() {
    checkChinese(
      """
      ana: ！目标 添加 首次响应两小时内 @ben 截止 12月18日
      bell: ✓ g1 首次响应两小时内 — 12月18日周五前，由 ben 负责。  用数字衡量：!目标 关键结果 g1 满意度 4.1->4.6
      bell → ben: ana 请你负责 g1 首次响应两小时内。  !目标 g1
      ben: ！目标 g1 60% 试点已签
      bell: ✓ g1 首次响应两小时内：60%，预期 0%
      ben: ！信心 g1 黄 供应商延期
      bell: ✅
      ben: ！目标 g1 六十
      bell: ✗ “六十”不是数字。 试试：!goal g1 60% pilot signed
      ana: ！目标 关键结果 g1 满意度 4.1→4.6
      bell: ✓ g1 kr1 满意度：4.1 → 4.6。  更新：!目标 g1 kr1=4.1
      ana: ！目标 g1 kr1=4.3
      bell: ✓ g1 首次响应两小时内：40%，预期 0%，黄
      ana: ！目标 停滞
      bell: 没有停滞的目标。
      ana: ！目标
      bell: g1 首次响应两小时内：40%，预期 0%，黄 — ben
      ana: ！目标 g1
      bell: g1 首次响应两小时内：40%，预期 0%，黄 — ben
        11月23日周一 到 12月18日周五
        kr1 满意度：4.3（4.1 → 4.6，40%）
        黄：供应商延期
        11月23日周一 ana：40%
        11月23日周一 ben：60% 试点已签
      ana: ！目标 关闭 g1 放弃 方向变了
      bell: ✓ g1 首次响应两小时内 已放弃。
      """)
  }
}

@Suite struct GoalReminderTests {
  @Test func `a quiet goal asks its owner twice, then the managers, then stays quiet`() {
    check(
      """
      ana: !goal add Backlog @ben
      bell: ✓ g1 Backlog — with ben.  Measure it: !goal kr g1 CSAT 4.1->4.6
      bell → ben: ana put g1 Backlog with you.  !goal g1
      ben: !goal g1 10%
      bell: ✓ g1 Backlog: 10%
      at 2026-12-07 08:55
      at mon 17:00
      bell → ben: How is g1 Backlog? Last word Mon 23 Nov, 10%: !goal g1 60% why  (!why 1)
      bell → ben: How is g1 Backlog? Last word Mon 23 Nov, 10%: !goal g1 60% why  (!why 2)
      at mon 17:00
      bell → ana: g1 Backlog (ben) has been quiet since Mon 23 Nov. Talk about it, or !goal close g1  (!why 3)
      at mon 17:00
      at mon 17:00
      """)
  }

  @Test func `an update in time asks nobody, and a goal of nobody's asks the room`() {
    check(
      """
      ana: !goal add Backlog @ben
      bell: ✓ g1 Backlog — with ben.  Measure it: !goal kr g1 CSAT 4.1->4.6
      bell → ben: ana put g1 Backlog with you.  !goal g1
      ben: !goal g1 10%
      bell: ✓ g1 Backlog: 10%
      ana: !goal add Orphan
      bell: ✓ g2 Orphan — nobody's yet.  Take it: !goal owner g2 me
      at 2026-12-04 17:00
      bell: g2 Orphan is a week old and nobody's: !goal owner g2 me  (!why 1)
      ben: !goal g1 20%
      bell: ✓ g1 Backlog: 20%
      at 2026-12-11 17:00
      bell: g2 Orphan is nobody's, quiet since Mon 23 Nov: !goal owner g2 me  (!why 2)
      """)
  }

  @Test func `a goal off pace asks its owner once a week`() {
    check(
      """
      ana: !goal add Backlog @ben by 2026-12-23
      bell: ✓ g1 Backlog — by Wed 23 Dec, with ben.  Measure it: !goal kr g1 CSAT 4.1->4.6
      bell → ben: ana put g1 Backlog with you.  !goal g1
      ben: !goal g1 5%
      bell: ✓ g1 Backlog: 5%, expected 0%
      at 2026-11-30 17:00
      at 2026-12-04 17:00
      bell → ben: g1 Backlog: 5%, 27% expected. What would help? !goal g1 60% why  (!why 1)
      ben: !confidence g1 red no time for it
      bell: ✅
      at 2026-12-18 17:00
      bell → ben: g1 Backlog: 5%, 53% expected. What would help? !goal g1 60% why  (!why 2)
      bell → ben: g1 Backlog: 5%, 70% expected. What would help? !goal g1 60% why  (!why 3)
      bell → ben: How is g1 Backlog? Last word Fri 4 Dec, 5%: !goal g1 60% why  (!why 4)
      """)
  }

  @Test func `whoever is away is not asked`() {
    check(
      """
      ana: !goal add Backlog @ben
      bell: ✓ g1 Backlog — with ben.  Measure it: !goal kr g1 CSAT 4.1->4.6
      bell → ben: ana put g1 Backlog with you.  !goal g1
      at tue 10:00
      ben: !away 2026-11-30 - 2026-12-04
      bell: ✓ You are away Mon 30 Nov – Fri 4 Dec.  Sooner: !back
      at 2026-12-04 17:00
      at 2026-12-07 17:00
      bell → ben: g1 Backlog is a week old and at 0%. Begun? !goal g1 60% why  (!why 1)
      """)
  }
}

@Suite struct GoalFigureTests {
  private let day = Day(number: 20_000)

  private func goal(due: Int?, target: Int = 100) -> Goal {
    Goal(1, "g", nil, due.map { day.adding(days: $0) }, target, Person(1), day)
  }

  @Test func `expected progress is the share of the time, times the target`() {
    #expect(goal(due: 100).expected(on: day.adding(days: 29)) == 29)
    #expect(goal(due: 100, target: 50).expected(on: day.adding(days: 50)) == 25)
    #expect(goal(due: 10).expected(on: day.adding(days: 99)) == 100)
    #expect(goal(due: 10).expected(on: day.adding(days: -9)) == 0)
    #expect(goal(due: nil).expected(on: day) == nil)
  }

  @Test func `the trend shows what was known each week`() {
    var goal = goal(due: nil)
    for (offset, percent) in [(0, 0), (8, 30), (20, 62), (35, 100)] {
      goal.apply(
        .progressed(id: 1, percent: percent, why: "", by: Person(1), on: day.adding(days: offset)))
    }
    #expect(goal.trend(until: day.adding(days: 35)) == "▂▂▃▅▅▇")
    #expect(goal.trend(until: day.adding(days: 7)) == "▂▂")
  }

  @Test(arguments: [
    ("4.6", 4600), ("0.05", 50), ("-3", -3000), ("14", 14_000), ("007.500", 7500),
  ])
  func `numbers are exact`(_ text: String, _ thousandths: Int) {
    #expect(Amount(text)?.thousandths == thousandths)
  }

  @Test(arguments: ["", ".", "1.", ".5", "1.2345", "1e3", "12a", "٣", "1234567890", "--1"])
  func `what is no number is none`(_ text: String) { #expect(Amount(text) == nil) }

  @Test func `a key result may count down`() {
    func percent(_ value: String) -> Int? {
      guard let value = Amount(value), let thirty = Amount("30"), let ten = Amount("10") else {
        return nil
      }
      return value.percent(from: thirty, to: ten)
    }
    #expect(["30", "25", "10", "5", "40"].map(percent) == [0, 25, 100, 100, 0])
  }
}
