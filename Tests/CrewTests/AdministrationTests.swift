import Testing

@Suite struct AdministrationTests {
  @Test func `managers set up the team in the chat`() {
    check(
      """
      ana: !team name Service Desk
      bell: ✓ The team is Service Desk now.
      ana: !team lang zh
      bell: ✓ 我在群里说简体中文。
      ana: ！团队 语言 en
      bell: ✓ I speak English in the room.
      ana: !team tz shanghai
      bell: ✓ The team's time is Asia/Shanghai, 16:00 now.
      ana: !undo
      bell: ↶ Undone: !team tz shanghai
      ana: !team hours 8-17
      bell: ✓ The team's hours: 08:00–17:00 (Europe/Berlin).
      ana: !team hours 22-5am
      bell: ✗ They have to lie within one day. Try: !team hours 09:00-18:00
      ana: !team workdays sun-thu
      bell: ✓ The team works Sun–Thu.
      ben: !team
      bell: Service Desk: 2 members, managed by ana
        English · Europe/Berlin · Sun–Thu 08:00–17:00
        Change: !team name !team lang !team tz !team workdays !team hours !team room · !policy · !member list
      ben: !team name Ours
      bell: ✗ That is for managers of this team.
      cleo → bell: team name Ours
      bell → cleo: I only work for my teams. Write in your team's room first, or send !link from \
      there.
      ben → bell: 语言 zh
      bell → ben: ✓ 我会用简体中文跟你说话。
      ben → bell: 团队
      bell → ben: Service Desk：2 名成员，管理员 ana
        English · Europe/Berlin · 周日至周四 08:00–17:00
        修改：!团队 名称 !团队 语言 !团队 时区 !团队 工作日 !团队 时间 !团队 房间 · !规则 · !成员
      """)
  }

  @Test func `policies have names and limits`() {
    check(
      """
      ana: !policy
      bell: kudos.allowance: 5 — how many a person can thank a day
        kudos.cooldown: 1 — days before thanking the same person again
        kudos.top: off — whether there is a ranking
        nudges: 5 — reminders to one person a day
        roles.review: 12 — weeks between reviews of a role
        goals.stale: 10 — working days until a goal counts as quiet
        goals.offpace: 20 — points behind its pace that are mentioned
      ana: !policy kudos.top on
      bell: ✓ kudos.top: on
      ana: !policy kudos.allowance 500
      bell: ✗ kudos.allowance can be 0–100. Try: !policy kudos.allowance 5
      ana: !policy kudos.top maybe
      bell: ✗ kudos.top can be on or off. Try: !policy kudos.top on
      ana: !policy moon 3
      bell: ✗ I know kudos.allowance, kudos.cooldown, kudos.top, nudges, roles.review, \
      goals.stale, goals.offpace. Try: !policy kudos.allowance 5
      ben: !policy nudges 3
      bell: ✗ That is for managers of this team.
      ben: !policy nudges
      bell: nudges: 5 — reminders to one person a day
      """)
  }

  @Test func `who changed what`() {
    check(
      """
      ana: !audit
      bell: Nothing was changed.
      ana: !lang en
      bell: ✓ I speak English with you.
      ana: !task add renew cert
      bell: ✓ #1 renew cert — no date, no owner.  Take it: !take 1
      ben: !take 1
      bell: ✅
      ben: !undo
      bell: ↶ Undone: !take 1
      ana: !audit
      bell: Mon 23 Nov 09:00 ben: !take 1 (undone)
        Mon 23 Nov 09:00 ana: !task add renew cert
      ben: !audit
      bell: ✗ That is for managers of this team.
      ben: !audit #1
      bell: Mon 23 Nov 09:00 ben: !take 1 (undone)
        Mon 23 Nov 09:00 ana: !task add renew cert
      ben: !audit 2
      bell: Nothing was changed.
      ben: !audit me
      bell: ✗ Of which task or goal? Try: !audit #12
      """)
  }

  @Test func `a team keeps a manager`() {
    check(
      """
      ana: !member unmanager @ana
      bell: ✗ A team needs a manager: make somebody else one first. Try: !member manager @ben
      ana: !member remove @ana
      bell: ✗ A team needs a manager: make somebody else one first. Try: !member manager @ben
      ben: !member manager @ben
      bell: ✗ That is for managers of this team.
      ana: !member manager @ben
      bell: ✓ ben manages the team too.  Undo: !undo
      ana: !member manager @ben
      bell: ✗ ben is a manager already.
      ben: !member unmanager @ana
      bell: ✓ ana is no manager any more.  Undo: !undo
      ana: !member unmanager @ben
      bell: ✗ That is for managers of this team.
      ben: !member unmanager @ana
      bell: ✗ ana is no manager.
      ben: !member unmanager @ben
      bell: ✗ A team needs a manager: make somebody else one first. Try: !member manager @ben
      ana: !members
      bell: ana, ben (manager)
      """)
  }

  @Test func `who was taken out may do nothing until let in again`() {
    check(
      """
      ana: !task add renew cert @ben
      bell: ✓ #1 renew cert — no date, with ben.  Undo: !undo
      bell → ben: ana gave you #1 renew cert — no date.  !take 1, or not: !drop 1 why
      ana: !member remove @ben
      bell: ✓ ben is out of the team. Nobody has #1 now.  Undo: !undo
      ben: !tasks
      ben → bell: tasks
      bell → ben: I only work for my teams. Write in your team's room first, or send !link from \
      there.
      ana: !tasks
      bell: Open tasks:
        #1 renew cert · no owner
      ana: !undo
      bell: ↶ Undone: !member remove @ben
      ben: !tasks
      bell: Open tasks:
        #1 renew cert · with ben
      ana: !member remove @ben
      bell: ✓ ben is out of the team. Nobody has #1 now.  Undo: !undo
      ana: !member back @ben
      bell: ✓ ben is in the team again.  Undo: !undo
      ana: !member back @ben
      bell: ✗ I took nobody called @ben out. Try: !member back @ben
      ben: !me
      bell: ben, member of Desk
        English · Europe/Berlin, 09:00 now · quiet 19:00–08:00 · works Mon–Fri · ben (chat)
        Change: !lang !tz !quiet !workdays !nudge !link
      ana: ！成员
      bell: ana (manager), ben
      """)
  }
}
