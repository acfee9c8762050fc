import Foundation
import Testing

@testable import Crew

@Suite struct DigestTests {
  /// Two weeks of a small team; the digest of the second Monday.
  private static let story = """
    ana: !digest on
    ana: !checkin schedule daily 09:30
    ana: !role define billing answers invoices
    ana: !role define duty answers the phone
    ben: !claim billing
    ana: !claim duty
    ana: !goal add CSAT @ana by 2027-01-04 target 90%
    ana: !goal kr g1 CSAT score 4.1->4.6
    ana: !goal add Backlog under 40 tickets @ben by 2026-12-18
    ana: !goal add First reply
    ana: !task add renew TLS cert due fri
    ben: !task add refund backlog
    ana: !task add order chairs @ana
    at 11:00
    ben: !take 1
    ben: !ci shipped the invoice fix; blocked: VPN key from @ana
    ana: !ci SLA report
    at tue 11:00
    ben: @ana++ for the long call #customer
    ben: !ci refunds
    ana: !done 3
    at wed 11:00
    ana: !goal g1 kr1=4.2
    ben: !goal g2 10%
    ben: !hand billing @ana
    ana: !accept billing
    at fri 11:00
    ben: !ci phones
    at mon 12:00
    ana: !task add write runbook
    ben: !take 4
    ana: @ben++ for the handover
    ben: @ana++ for taking billing
    at tue 11:00
    ana: !ci runbook
    ben: !done 4
    ana: !goal g1 kr1=4.3
    ben: !confidence g2 amber two people ill
    ben: !away 2026-12-08 - 2026-12-09
    at fri 11:00
    ana: !release duty
    ana: !rotate billing @ana @ben from fri
    ana: !undo
    ana: !goal g1 kr1=4.5
    ana: !undo
    at mon 09:00
    """

  private func play(_ script: String, zone: String = "Europe/Berlin") -> Stage {
    var stage = Stage(zone: zone)
    _ = stage.play(script)
    return stage
  }

  private func lastDigest(_ stage: Stage) -> String {
    let all = stage.transcript.joined(separator: "\n")
    let posts = all.split(separator: "\nbell → ana: ")
    return posts.last.map(String.init) ?? ""
  }

  @Test func `a fortnight is told in one post`() {
    let actual = lastDigest(play(Self.story))
    let expected = """
      Desk — week 49 (Mon 30 Nov – Sun 6 Dec) · 2 members, 0 away
        NEEDS YOU (6)
         1 duty has nobody since Fri 4 Dec → !hand duty @…
         2 #2 “refund backlog” unowned 10 working days → !give 2 @…
         3 #1 “renew TLS cert” (ben) was due Fri 27 Nov → !due 1 fri
         4 b1 ben: VPN key from @ana, 10 working days, asked 3× → talk to ana, then !unblock b1
         5 g2 “Backlog under 40 tickets” off pace by 46 points (ben) → !goal g2
         6 g3 “First reply” is nobody's → !goal owner g3 @…
        GOALS         now exp. conf. 6 wk
        g1 CSAT       40%  30%       ▂▃▄
        g2 Backlog u… 10%  56% amber ▂▂▂
        g3 First rep…  0%    –       ▂▂▂
         off pace (points): g2 by 46
        WORK  opened 1 (was 3) · done 1 (was 1) · overdue 1 (was 1) · unowned 1 (was 1)
         median time to owner 0min (was 2h) · oldest open #1, 14 days
        ROLES  1 of 2 filled
        CHECK-INS  1 of 10 expected (was 4 of 10) · 1 open blocker
        PEOPLE  kudos 2 from 2 givers (was 1)
        CHANGED BY RULES  26 reminders sent · why: !why
        Next: Mon 14 Dec 09:00 · shorter: !digest short · off: !digest off
      """
    #expect(actual == expected)
  }

  @Test func `the same events give the same figures`() throws {
    let stage = play(Self.story)
    var team = Team(id: stage.team.id)
    for entry in stage.entries {
      let stored = try JSONEncoder().encode(entry.event)
      team.apply(try JSONDecoder().decode(Event.self, from: stored), at: entry.at)
    }
    #expect(team == stage.team)
    #expect(try JSONDecoder().decode(Team.self, from: JSONEncoder().encode(team)) == team)
    let now = Now(stage.now, zones: FoundationZones())
    let day = now.today(in: "Europe/Berlin")
    #expect(
      DigestView(team: team, now: now, day: day).whole
        == DigestView(team: stage.team, now: now, day: day).whole)
  }

  /// Counted on its own: a Chinese letter (three bytes from U+2E80 to U+9FFF) takes two columns.
  private func columns(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + ((0x2E80...0x9FFF).contains($1.value) ? 2 : 1) }
  }

  @Test(arguments: ["en", "zh"])
  func `the table fits on a telephone`(_ language: String) {
    let stage = play(
      """
      ana: !goal add 首次响应时间缩短到两小时以内 @ana by 2026-12-18
      ana: !goal add A goal with a rather long title @ben by 2026-12-18
      ana: !goal g1 100%
      ana: !confidence g2 green
      at fri 10:00
      """)
    let now = Now(stage.now, zones: FoundationZones())
    let view = DigestView(team: stage.team, now: now, day: now.today(in: "Europe/Berlin"))
    let speaker = Speaker(words: shippedWords, language: language, members: stage.team.members)
    let lines = speaker.say(view.goals[0]).plain(prefix: "").split(separator: "\n").map(String.init)
    #expect(lines.count == 3)
    for line in lines { #expect(columns(line) <= 38, "\(line)") }
    // Where the last column begins is the same in every line, Chinese letters counted twice.
    let starts = lines.dropFirst().map {
      columns(String($0.prefix { $0 != "▂" && $0 != "▇" }))
    }
    #expect(Set(starts).count == 1)
  }

  @Test func `it comes once, on the first working day of the week`() {
    check(
      """
      ana: !digest on
      bell: ✓ Your digest comes on the first working day of a week, 09:00.
      ana: !calendar holiday 2026-11-30 Founders' day
      bell: ✓ Mon 30 Nov holiday: Founders' day.  Take it out: !calendar remove 2026-11-30
      ana: !goal add Calm
      bell: ✓ g1 Calm — nobody's yet.  Take it: !goal owner g1 me
      at mon 18:00
      at tue 12:00
      bell: g1 Calm is a week old and nobody's: !goal owner g1 me  (!why 1)
      bell → ana: Desk — week 48 (Mon 23 Nov – Sun 29 Nov) · 2 members, 0 away
        NEEDS YOU (1)
         1 g1 “Calm” is nobody's → !goal owner g1 @…
        GOALS   now exp. conf. 6 wk
        g1 Calm  0%    –       ▂▂
        CHANGED BY RULES  0 reminders sent · why: !why
        Next: Mon 7 Dec 09:00 · shorter: !digest short · off: !digest off
      ana: !digest off
      bell: ✓ No more weekly digests for you.  Ask for one: !digest
      at 2026-12-14 12:00
      bell: g1 Calm is nobody's, quiet since Mon 23 Nov: !goal owner g1 me  (!why 3)
      """)
  }

  @Test func `a team without a past gets none`() {
    check(
      """
      ana: !digest on
      bell: ✓ Your digest comes on the first working day of a week, 09:00.
      at 17:00
      at mon 17:00
      ana: !digest
      bell: Desk: nothing needs you.
      """)
  }

  @Test func `it can be asked for, by managers`() {
    check(
      """
      ben: !digest
      bell: ✗ The digest is for managers of this team. Try: !report me last week
      ana: !digest short
      bell: Desk: nothing needs you.
      ana: !goal add Calm
      bell: ✓ g1 Calm — nobody's yet.  Take it: !goal owner g1 me
      ana: !digest short
      bell: Desk: nothing needs you.
      ana: !digest
      bell: Desk — Tue 17 Nov – Mon 23 Nov · 2 members, 0 away
        Nothing needs you.
        GOALS   now exp. conf. 6 wk
        g1 Calm  0%    –       ▂
        CHANGED BY RULES  0 reminders sent · why: !why
      ana: !digest sometimes
      bell: ✗ Now, short, on or off? Try: !digest short
      ana: !digest daily on
      bell: ✓ On days when something needs you, I say so at 09:00.
      at tue 10:00
      bell → ana: NEEDS YOU (1)
         1 g1 “Calm” is nobody's → !goal owner g1 @…
        off: !digest daily off
      ana: !goal owner g1 @ben
      bell: ✓ g1 Calm is with ben.
      bell → ben: ana put g1 Calm with you.  !goal g1
      at thu 10:00
      ana: !digest daily off
      bell: ✓ No more daily digests for you.
      ana: !undo
      bell: ↶ Undone: !digest daily off
      """)
  }

  @Test func `the digest in Chinese`() {
    checkChinese(
      """
      ana: ！摘要 开
      bell: ✓ 每周第一个工作日 09:00 给你摘要。
      ana: ！角色 定义 值班 接电话
      bell: ✓ 已定义 值班，还没有人负责。  认领：!认领 值班
      ana: ！目标 添加 满意度提升到四点六分 @ben 截止 2026-12-18
      bell: ✓ g1 满意度提升到四点六分 — 12月18日周五前，由 ben 负责。  用数字衡量：!目标 关键结果 g1 满意度 4.1->4.6
      bell → ben: ana 请你负责 g1 满意度提升到四点六分。  !目标 g1
      ana: ！任务 添加 更新证书
      bell: ✓ #1 更新证书 — 无期限，无人负责。认领：!接 1
      ana: @ben++ 因为 接了电话
      bell: ✓ k1 ben +1（你今天还有 4 次）。  撤销：!撤销
      at mon 09:00
      bell: 值班 没有人负责：!认领 值班  （!为什么 1）
      bell: #1 更新证书 已经 1 个工作日没人负责。ben 手上的事最少。!接 1 或 !放下 1 原因  （!为什么 2）
      bell → ana: 11月23日周一起：值班 没有人负责：!认领 值班，或者 !移交 值班 @…  （!为什么 3）
      bell: #1 更新证书 已经 3 个工作日没人负责。ana 手上的事不多。!接 1 或 !放下 1 原因  （!为什么 4）
      bell → ana: #1 更新证书 已经 3 个工作日没人负责。!转 1 @… 或 !放下 1 原因  （!为什么 5）
      bell → ben: g1 满意度提升到四点六分 添加一周了，还是 0%。开始了吗？!目标 g1 60% 原因  （!为什么 6）
      bell → ana: Desk — 第 48 周（11月23日周一 – 11月29日周日）· 2 人，0 人不在
        【需要你】3 件
         1 值班 从11月23日周一起没有人 → !移交 值班 @…
         2 #1 “更新证书”5 个工作日没有人负责 → !转 1 @…
         3 g1 “满意度提升到四点六分”落后 28 个百分点（ben） → !目标 g1
        【目标】     现在 预期 信心 6周
        g1 满意度提…   0%  28%      ▂▂
         落后（百分点）：g1 28
        【任务】新增 1（上周 0）· 完成 0（上周 0）· 逾期 0（上周 0）· 无主 1（上周 0）
         最早未完成 #1，7 天
        【角色】0/1 有人
        【人】1 人送出 1 个赞（上周 0）
        【提醒】发出 5 条 · 原因：!为什么
        下次：12月7日周一 09:00 · 简短：!摘要 简短 · 关闭：!摘要 关
      """)
  }
}
