import Testing

@testable import Crew

@Suite struct RolesTests {
  @Test func `a held role is not given twice`() {
    check(
      """
      ana: !role define release ships on Thursdays
      bell: ✓ release is defined, nobody has it yet.  Take it: !claim release
      ana: !claim release
      bell: ✓ ana has release.
      ben: !claim release
      bell: ✗ release is with ana.
      ana: /claim RELEASE
      bell: ✗ You have release already. Try: !role release
      ben: ！认领 ｒｅｌｅａｓｅ
      bell: ✗ release is with ana.
      """)
  }

  @Test func `only a manager defines, and only a proper name`() {
    check(
      """
      ben: !role define duty answers the phone
      bell: ✗ That is for managers of this team.
      ana: !role define duty
      bell: ✗ What is it responsible for? Try: !role define duty answers calls
      ana: !role define Du_ty answers
      bell: ✗ A name is a–z, 0–9 and hyphens, or Chinese. Try: !role define duty answers calls
      ana: !role define list answers
      bell: ✗ “list” is a command; another name, please. Try: !role define duty answers calls
      ana: !role define 值班 接电话 最少 2
      bell: ✓ 值班 is defined, nobody has it yet.  Take it: !claim 值班
      ana: !role min 值班 200
      bell: ✗ A number from 1 to 20, please. Try: !role min billing 2
      ana: !role min 值班 1
      bell: ✓ 值班 needs 1 person; it has 0.
      ana: !role define 值班 接电话和邮件
      bell: ✓ 值班 now: 接电话和邮件
      ana: !undo
      bell: ↶ Undone: !role define 值班 接电话和邮件
      ana: !role drop 值班
      bell: ✓ 值班 is no role any more.  Undo: !undo
      ana: !undo
      bell: ↶ Undone: !role drop 值班
      ana: !roles
      bell: 值班 nobody: !claim 值班 — 接电话
      cleo: !roles
      """)
  }

  @Test func `a handover has two sides, and meanwhile the role is not empty`() {
    check(
      """
      ana: !role define billing answers invoices
      bell: ✓ billing is defined, nobody has it yet.  Take it: !claim billing
      ana: !claim billing
      bell: ✓ ana has billing.
      ana: !hand billing @ben
      bell: ✓ billing goes to ben once they accept; it stays with you until then.
      bell → ben: ana hands you billing: answers invoices
        Yours as soon as you say !accept billing; or !decline billing.
      ana: !who billing
      bell: billing: ana since Mon 23 Nov; offered to ben
      ana: !hand billing @ben
      bell: ✗ billing is offered to ben already. Try: !decline billing
      ana: !accept billing
      bell: ✗ billing is not offered to you. Try: !who billing
      ben: !accept
      bell: ✓ ben has billing.
      bell → ana: ben has billing now.
      ana: !undo
      bell: ✗ ben has changed that since: I leave it as it is.
      ben: !role billing
      bell: billing — answers invoices
        ben since Mon 23 Nov
        History: Mon 23 Nov ana → ben, Mon 23 Nov ana claimed it, Mon 23 Nov defined by ana
      ben → bell: hand billing @ana
      bell → ben: ✓ billing goes to ana once they accept; it stays with you until then.
      bell → ana: ben hands you billing: answers invoices
        Yours as soon as you say !accept billing; or !decline billing.
      ana: !decline billing
      bell: ✓ billing stays with ben.
      bell → ben: ana would rather not have billing.
      ben: !hand billing
      bell: ✗ Who? Try: !hand billing @ben
      ben: !hand billing @ben
      bell: ✗ To somebody else, please. Try: !hand billing @ben
      ben: !hand billing @zoe
      bell: ✗ I don't know @zoe here. Try: !hand billing @ben
      ben: !release billing
      bell: ✓ Nobody has billing now.  Take it: !claim billing
      ben: !undo
      bell: ↶ Undone: !release billing
      ben → bell: release billing
      bell → ben: ✓ Nobody has billing now.  Take it: !claim billing
      bell: ✓ Nobody has billing now.  Take it: !claim billing
      ben: !release billing
      bell: ✗ Nobody has billing. Try: !claim billing
      ana: !hand billing @ben
      bell: ✓ billing goes to ben once they accept.
      bell → ben: ana hands you billing: answers invoices
        Yours as soon as you say !accept billing; or !decline billing.
      ben: !accept
      bell: ✓ ben has billing.
      bell → ana: ben has billing now.
      """)
  }

  @Test func `whoever gives a role away sees what is still with them`() {
    check(
      """
      ana: !role define billing answers invoices
      bell: ✓ billing is defined, nobody has it yet.  Take it: !claim billing
      ben: !claim billing
      bell: ✓ ben has billing.
      ben: !task add call bank @ben
      bell: ✓ #1 call bank — no date, with ben.  Undo: !undo
      ben: !block VPN key
      bell: ✓ b1 is open.  When it is solved: !unblock b1
      ana: !goal add CSAT @ben
      bell: ✓ g1 CSAT — with ben.  Measure it: !goal kr g1 CSAT 4.1->4.6
      bell → ben: ana put g1 CSAT with you.  !goal g1
      ben: !hand billing @ana
      bell: ✓ billing goes to ana once they accept; it stays with you until then.
      bell → ana: ben hands you billing: answers invoices
        Yours as soon as you say !accept billing; or !decline billing.
      bell: Still with you: #1 call bank, b1 VPN key, g1 CSAT.  Hand on: !give 1 @…
      ana: !decline billing
      bell: ✓ billing stays with ben.
      bell → ben: ana would rather not have billing.
      ben: !release billing
      bell: ✓ Nobody has billing now.  Take it: !claim billing
      bell: Still with you: #1 call bank, b1 VPN key, g1 CSAT.  Hand on: !give 1 @…
      ana: !give 1 @ana
      bell: ✓ #1 is with ana.  Undo: !undo
      bell → ben: ana gave #1 call bank to ana.
      ana: !accept 1
      bell: ✗ #1 is yours already. Try: !done 1
      """)
  }

  @Test func `a role is taken only from somebody who is away`() {
    check(
      """
      ana: !role define billing answers invoices
      bell: ✓ billing is defined, nobody has it yet.  Take it: !claim billing
      ben: !claim billing
      bell: ✓ ben has billing.
      ana: !role take billing
      bell: ✗ billing is with ben: ask them to hand it over. Try: !who billing
      ben: !away today
      bell: ✓ You are away Mon 23 Nov.  Sooner: !back
      ana: !claim billing
      bell: ✗ billing is with ben. Try: !role take billing
      ana: !who billing
      bell: billing: ben (away)
      ana: !role take billing
      bell: ✓ ana has billing (from ben, who is away).
      bell → ben: ana has billing now, while you are away.  !who billing
      ana: !role take billing
      bell: ✗ You have billing already. Try: !role billing
      ana: !who bill
      bell: ✗ There is no role “bill”. There are: billing. Try: !role list
      """)
  }

  @Test func `somebody stands in for some days`() {
    check(
      """
      ana: !role define billing answers invoices
      bell: ✓ billing is defined, nobody has it yet.  Take it: !claim billing
      ana: !claim billing
      bell: ✓ ana has billing.
      ben: !cover billing until wed
      bell: ✓ ben stands in for billing: Mon 23 Nov to Wed 25 Nov.  End it: !cover billing off
      bell → ana: ben stands in for billing: Mon 23 Nov to Wed 25 Nov.
      ana: !who billing
      bell: billing: ana since Mon 23 Nov, ben (stands in)
      ben: !cover billing
      bell: ✗ When? Try: !cover billing until fri
      ben: !cover billing 05/06
      bell: ✗ “05/06” could be Sat 5 Jun or Thu 6 May. Write 2027-06-05, or the month's name.
      ben: !cover billing off
      bell: ✓ ben no longer stands in for billing.
      ben: !cover billing off
      bell: ✗ You don't stand in for billing. Try: !cover billing until fri
      ana: !cover billing until fri
      bell: ✗ You have billing already. Try: !role billing
      """)
  }
}

@Suite struct RoleReminderTests {
  @Test func `an empty role is named in the room, then to managers`() {
    check(
      """
      ana: !role define billing answers invoices
      bell: ✓ billing is defined, nobody has it yet.  Take it: !claim billing
      ana: !role define duty answers the phone min 2
      bell: ✓ duty is defined, nobody has it yet.  Take it: !claim duty
      ben: !claim duty
      bell: ✓ ben has duty.  Needs 1 more: !claim duty
      at tue 17:00
      bell: billing has nobody: !claim billing
        duty has 1 of 2: !claim duty  (!why 1)
      at wed 17:00
      at thu 17:00
      bell → ana: Since Mon 23 Nov: billing has nobody: !claim billing, or !hand billing @…
        Since Mon 23 Nov: duty has 1 of 2: !claim duty, or !hand duty @…  (!why 2)
      ana → bell: why
      bell → ana: Thu 26 Nov 09:00: A role has had fewer people than it needs for a working day.
      at mon 17:00
      at tue 17:00
      bell: billing has nobody: !claim billing
        duty has 1 of 2: !claim duty  (!why 3)
      at wed 17:00
      """)
  }

  @Test func `a coming absence is seen a week ahead, once`() {
    check(
      """
      ana: !role define billing answers invoices
      bell: ✓ billing is defined, nobody has it yet.  Take it: !claim billing
      ben: !claim billing
      bell: ✓ ben has billing.
      ben: !away 2026-12-02
      bell: ✓ You are away Wed 2 Dec.  Sooner: !back
      at tue 17:00
      at wed 17:00
      bell → ana: billing has nobody on Wed 2 Dec, ben is away: !cover billing 2026-12-02  (!why 1)
      at thu 17:00
      """)
  }

  @Test func `an unanswered handover is asked about`() {
    check(
      """
      ana: !role define billing answers invoices
      bell: ✓ billing is defined, nobody has it yet.  Take it: !claim billing
      ana: !claim billing
      bell: ✓ ana has billing.
      ana: !hand billing @ben
      bell: ✓ billing goes to ben once they accept; it stays with you until then.
      bell → ben: ana hands you billing: answers invoices
        Yours as soon as you say !accept billing; or !decline billing.
      at fri 17:00
      bell → ben: ana handed you billing on Mon 23 Nov: !accept billing or !decline billing?  (!why 1)
      bell → ana: ben has not answered about billing yet. Keep it: !decline billing  (!why 2)
      at fri 17:00
      """)
  }

  @Test func `a definition is looked at again after twelve weeks`() {
    check(
      """
      ana: !role define billing answers invoices
      bell: ✓ billing is defined, nobody has it yet.  Take it: !claim billing
      ben: !claim billing
      bell: ✓ ben has billing.
      ana: !role review
      bell: No definition is due for review.
      at 2027-02-15 17:00
      bell → ben: Still right? billing: answers invoices  !review billing, or with new words.  (!why 1)
      ana: !role review
      bell: billing (ben), last on Mon 23 Nov: !role review billing — answers invoices
      ben: !review billing answers invoices and refunds
      bell: ✓ billing is reviewed, next on Mon 10 May.
      ben: !role review billing
      bell: ✓ billing is reviewed, next on Mon 10 May.
      """)
  }

  @Test func `whoever leaves the team holds nothing`() {
    var stage = Stage(zone: "Europe/Berlin")
    _ = stage.play(
      """
      ana: !role define billing answers invoices
      ben: !claim billing
      ben: !hand billing @ana
      """)
    var team = stage.team
    team.apply(.members(.left(Person(2))), at: stage.now)
    #expect(team.roles.list[0].holders.isEmpty)
    #expect(team.roles.list[0].offer == nil)
    #expect(team.roles.list[0].shortSince == stage.now)
  }

  @Test func `events about unknown roles are ignored`() {
    var roles = Roles()
    let day = Day(number: 20_000)
    roles.apply(.claimed(name: "none", by: Person(1), on: day), at: Instant(seconds: 0))
    roles.apply(
      .accepted(name: "none", from: Person(9), to: Person(1), on: day), at: Instant(seconds: 0))
    roles.apply(.dropped(name: "none"), at: Instant(seconds: 0))
    #expect(roles == Roles())
  }
}

@Suite struct RolesInChineseTests {
  @Test func `roles in Chinese`() {
    checkChinese(
      """
      ana: ！角色 定义 值班 接电话 至少 2
      bell: ✓ 已定义 值班，还没有人负责。  认领：!认领 值班
      ana: ！认领值班
      bell: ✓ 值班 由 ana 负责。  还差 1 人：!认领 值班
      ana: ！谁是 值班
      bell: 值班：ana（11月23日周一起）；需要 2 人，现有 1 人：!认领 值班
      ana: ！移交 值班 @ben
      bell: ✓ 等 ben 接受后，值班 就归对方；在那之前还是你负责。
      bell → ben: ana 把 值班 移交给你：接电话
        !接受 值班 后生效；不方便就 !谢绝 值班。
      ana: ！谢绝 值班
      bell: ✓ 值班 还是由 ana 负责。
      bell → ben: ana 决定继续负责 值班。
      ana: ！接替 值班
      bell: ✗ 你已经在负责 值班。 试试：!role 值班
      ben: ！代班 值班 到周五
      bell: ✓ ben 代班 值班：11月23日周一 到 11月27日周五。  结束：!代班 值班 取消
      bell → ana: ben 代班 值班：11月23日周一 到 11月27日周五。
      ben: ！谁是值班
      bell: 值班：ana（11月23日周一起）、ben（代班）；需要 2 人，现有 1 人：!认领 值班
      ana: ！释放 值班
      bell: ✓ 值班 现在没有人负责。  认领：!认领 值班
      ana: ！角色
      bell: 值班 没有人：!认领 值班 — 接电话
      at tue 10:00
      bell: 值班 没有人负责：!认领 值班  （!为什么 1）
      ana: ！移交 值班 @ben
      bell: ✓ 等 ben 接受后，值班 就归对方。
      bell → ben: ana 把 值班 移交给你：接电话
        !接受 值班 后生效；不方便就 !谢绝 值班。
      ben: ！接受 值班
      bell: ✓ 值班 由 ben 负责。  还差 1 人：!认领 值班
      bell → ana: 值班 现在由 ben 负责。
      ben: ！角色 值班
      bell: 值班 — 接电话
        ben（11月24日周二起）；需要 2 人，现有 1 人：!认领 值班
        经过：11月24日周二 ana → ben、11月23日周一 ana 交回、11月23日周一 ana 认领、11月23日周一 ana 定义
      """)
  }
}

/// As `check`, in a team that speaks Chinese.
func checkChinese(
  _ expected: String, zone: String = "Asia/Shanghai",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  var stage = Stage(zone: zone)
  stage.teams.apply(.team(.languageChosen("zh")), to: stage.team.id, at: stage.now)
  let actual = stage.play(expected)
  #expect(actual == expected, sourceLocation: sourceLocation)
}
