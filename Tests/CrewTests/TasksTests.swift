import Testing

@testable import Crew

@Suite struct TasksTests {
  @Test func `a task goes from nobody's to done`() {
    check(
      """
      ana: !task add renew TLS cert due fri
      bell: ✓ #1 renew TLS cert — due Fri 27 Nov (Europe/Berlin), no owner.  Take it: !take 1
      ben: !take 1
      bell: ✅
      ben: !take #1
      bell: ✗ #1 is yours already. Try: !done 1
      ana: !take 1
      bell: ✗ #1 is with ben. Try: !task 1
      ana: !tasks
      bell: Open tasks:
        #1 renew TLS cert · with ben · due Fri 27 Nov
      ben: !done 1
      bell: ✅
      ana: !task 1
      bell: #1 renew TLS cert — done by ben, Mon 23 Nov.
        From ana, Mon 23 Nov.  !reopen 1
      ana: !done 1
      bell: ✗ #1 is closed. Try: !reopen 1
      ana: !reopen 1
      bell: ✓ #1 is open again, with ben.  Undo: !undo
      bell → ben: ana opened #1 renew TLS cert again.
      ana: !undo
      bell: ↶ Undone: !reopen 1
      """)
  }

  @Test func `who, until when and what for stand at the end`() {
    check(
      """
      ana: !goal add Safe by design
      bell: ✓ g1 Safe by design — nobody's yet.  Take it: !goal owner g1 me
      ana: !todo renew   the Cert @ben due 5 Dec goal g1
      bell: ✓ #1 renew the Cert — due Sat 5 Dec (Europe/Berlin), not a working day, with \
      ben.  Undo: !undo
      bell → ben: ana gave you #1 renew the Cert — due Sat 5 Dec (Europe/Berlin), not a working \
      day.  !take 1, or not: !drop 1 why
      ana: !todo @ben call back by tomorrow 17:30
      bell: ✓ #2 call back — due Tue 24 Nov 17:30 (Europe/Berlin), with ben.  Undo: !undo
      bell → ben: ana gave you #2 call back — due Tue 24 Nov 17:30 (Europe/Berlin).  !take 2, or \
      not: !drop 2 why
      ana: !todo pay what is due to the printers
      bell: ✓ #3 pay what is due to the printers — no date, no owner.  Take it: !take 3
      ana: !todo talk with @ben
      bell: ✓ #4 talk with @ben — no date, no owner.  Take it: !take 4
      ana: !todo check the logs for @ben
      bell: ✓ #5 check the logs — no date, with ben.  Undo: !undo
      bell → ben: ana gave you #5 check the logs — no date.  !take 5, or not: !drop 5 why
      ana: !task add @ana @ben clean up due 2h
      bell: ✓ #6 clean up — due Mon 23 Nov 11:00 (Europe/Berlin), with ana, ben.  Undo: !undo
      bell → ben: ana gave you #6 clean up — due Mon 23 Nov 11:00 (Europe/Berlin).  !take 6, or \
      not: !drop 6 why
      ana: !tasks g1
      bell: For g1:
        #1 renew the Cert · with ben · due Sat 5 Dec
      """)
  }

  @Test func `what is not understood changes nothing`() {
    check(
      """
      ana: !todo
      bell: ✗ What is to be done? Try: !task add renew cert due fri
      ana: !todo talk due friyay
      bell: ✗ I don't read “friyay” as a date. Try: !task add renew cert due fri
      ana: !todo talk due 05/06
      bell: ✗ “05/06” could be Sat 5 Jun or Thu 6 May. Write 2027-06-05, or the month's name.
      ana: !todo talk due 2026-01-01
      bell: ✗ Thu 1 Jan is past. Try: !task add renew cert due fri
      ana: !todo talk goal g3
      bell: ✗ There are no open goals. Try: !goal add CSAT 4.6 @ana by 18 Dec
      ana: !task goal 1 g3
      bell: ✗ There is no #1. Try: !tasks
      ana: !todo talk @nobody
      bell: ✗ I don't know @nobody here. Try: !task add renew cert due fri
      ana: !todo talk @cleo
      bell: ✗ I don't know @cleo here. Try: !task add renew cert due fri
      ana: !done 7
      bell: ✗ There is no #7. Try: !tasks
      ana: !done soon
      bell: ✗ “soon” is no number of a task. Try: !done 12
      ana: !done
      bell: ✗ Which task? Try: !done 12
      ana: !task renew cert
      bell: ✗ Which task? Try: !task add renew cert
      ana: !tasks
      bell: Open tasks: none.
      """)
  }

  @Test func `a given task can be refused and comes back`() {
    check(
      """
      ana: !task add renew cert @ana
      bell: ✓ #1 renew cert — no date, with ana.  Undo: !undo
      ana: !give 1 @ben
      bell: ✓ #1 is with ben, who can still say no.  Undo: !undo
      bell → ben: ana gave you #1 renew cert — no date.  !take 1, or not: !drop 1 why
      ben: !task 1
      bell: #1 renew cert — with ben, no date.
        Given by ana, not yet accepted.  Take it: !take 1
      ben: !drop 1 no time
      bell: ✓ #1 is with ana.
      bell → ana: ben gave #1 renew cert back: no time
      ana: !give 1 to @ben
      bell: ✓ #1 is with ben, who can still say no.  Undo: !undo
      bell → ben: ana gave you #1 renew cert — no date.  !take 1, or not: !drop 1 why
      ben: !take 1
      bell: ✅
      ben: !drop 1
      bell: ✓ #1 has no owner now.  Take it: !take 1 — not needed at all: !drop 1 why
      ana: !drop 1
      bell: ✗ #1 is nobody's: to close it undone I need a reason. Try: !drop 1 no longer needed
      ana: !drop 1 no longer needed
      bell: ✓ #1 is closed, not done.  Undo: !undo
      ben: !task 1
      bell: #1 renew cert — closed by ana, Mon 23 Nov: no longer needed
        From ana, Mon 23 Nov.  !reopen 1
      """)
  }

  @Test func `several owners, and a role in the place of names`() {
    check(
      """
      ana: !role define billing invoices
      bell: ✓ billing is defined, nobody has it yet.  Take it: !claim billing
      ana: !task add send invoices
      bell: ✓ #1 send invoices — no date, no owner.  Take it: !take 1
      ana: !give 1 billing
      bell: ✗ Nobody has billing today. Try: !give 12 @ben
      ben: !claim billing
      bell: ✓ ben has billing.
      ana: !give 1 billing
      bell: ✓ #1 is with ben, who can still say no.  Undo: !undo
      bell → ben: ana gave you #1 send invoices — no date.  !take 1, or not: !drop 1 why
      ana: !give 1 @ana and @ben
      bell: ✓ #1 is with ana, ben.  Undo: !undo
      bell → ben: ana gave you #1 send invoices — no date.  !take 1, or not: !drop 1 why
      ben: !done 1
      bell: ✅
      """)
  }

  @Test func `somebody else's task is theirs`() {
    check(
      """
      ana: !task add renew cert @ana
      bell: ✓ #1 renew cert — no date, with ana.  Undo: !undo
      ben: !take 1
      bell: ✗ #1 is with ana. Try: !task 1
      ben: !give 1 @ben
      bell: ✗ #1 is with ana: they or a manager can do that.
      ben: !drop 1
      bell: ✗ #1 is with ana: they or a manager can do that.
      ben: !task edit 1 nothing
      bell: ✗ #1 is with ana: they or a manager can do that.
      ben: !done 1
      bell: ✅
      bell → ana: ben says #1 renew cert is done.  If not: !reopen 1
      ana: !reopen 1
      bell: ✓ #1 is open again, with ana.  Undo: !undo
      cleo: !done 1
      cleo → bell: done 1
      bell → cleo: I only work for my teams. Write in your team's room first, or send !link from \
      there.
      """)
  }

  @Test func `dates are set, moved and taken away`() {
    check(
      """
      ana: !task add renew cert @ben
      bell: ✓ #1 renew cert — no date, with ben.  Undo: !undo
      bell → ben: ana gave you #1 renew cert — no date.  !take 1, or not: !drop 1 why
      ana: !due 1 mon
      bell: ✓ #1: due Mon 30 Nov (Europe/Berlin).
      bell → ben: ana changed #1 renew cert: due Mon 30 Nov (Europe/Berlin).
      ana: !due 1 sat
      bell: ✓ #1: due Sat 28 Nov (Europe/Berlin), not a working day.
      bell → ben: ana changed #1 renew cert: due Sat 28 Nov (Europe/Berlin), not a working day.
      ana: !due 1 yesterday
      bell: ✗ I don't read “yesterday” as a date. Try: !due 12 fri
      ana: !due 1
      bell: ✗ When? Try: !due 12 fri
      ana: !due 1 none
      bell: ✓ #1: no date.
      bell → ben: ana changed #1 renew cert: no date.
      ana: !snooze 1 2d
      bell: ✓ Nothing about #1 before Wed 25 Nov.  Undo: !undo
      ana: !snooze 1 2h
      bell: ✗ I can be quiet for whole days only. Try: !snooze 12 2d
      ana: !undo
      bell: ↶ Undone: !snooze 1 2d
      ana: !undo
      bell: ↶ Undone: !due 1 none
      ana: !task 1
      bell: #1 renew cert — with ben, due Sat 28 Nov (Europe/Berlin), not a working day.
        Given by ana, not yet accepted.  !done 1
      """)
  }

  @Test func `peace about a task, a goal, a role or a check-in`() {
    check(
      """
      ana: !task add renew cert @ana
      bell: ✓ #1 renew cert — no date, with ana.  Undo: !undo
      ana: !goal add Safe by design
      bell: ✓ g1 Safe by design — nobody's yet.  Take it: !goal owner g1 me
      ana: !role define desk answers
      bell: ✓ desk is defined, nobody has it yet.  Take it: !claim desk
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      ana: !snooze 1 until fri
      bell: ✓ Nothing about #1 before Fri 27 Nov.  Undo: !undo
      ana: !snooze g1 2w
      bell: ✓ Nothing about g1 before Mon 7 Dec.  Undo: !undo
      ana: !snooze desk fri
      bell: ✓ Nothing about desk before Fri 27 Nov.  Undo: !undo
      ana: !snooze daily fri
      bell: ✓ Nothing about daily before Fri 27 Nov.  Undo: !undo
      ana: !snooze checkin fri
      bell: ✓ Nothing about daily before Fri 27 Nov.  Undo: !undo
      ben: !snooze daily fri
      bell: ✗ That is for managers of this team.
      ana: !snooze back fri
      bell: ✗ I know no task, goal, role or check-in “back”. Try: !snooze 12 2d
      ana: !snooze 1 2h
      bell: ✗ I can be quiet for whole days only. Try: !snooze 12 2d
      ana: !snooze
      bell: ✗ About what? Try: !snooze 12 2d
      """)
  }

  @Test func `lists are short and sorted by date`() {
    check(
      """
      ana: !todo one
      bell: ✓ #1 one — no date, no owner.  Take it: !take 1
      ana: !todo two @ben due 5 dec
      bell: ✓ #2 two — due Sat 5 Dec (Europe/Berlin), not a working day, with ben.  Undo: !undo
      bell → ben: ana gave you #2 two — due Sat 5 Dec (Europe/Berlin), not a working day.  !take \
      2, or not: !drop 2 why
      ana: !todo three due fri
      bell: ✓ #3 three — due Fri 27 Nov (Europe/Berlin), no owner.  Take it: !take 3
      ana: !todo four
      bell: ✓ #4 four — no date, no owner.  Take it: !take 4
      ana: !todo five
      bell: ✓ #5 five — no date, no owner.  Take it: !take 5
      ana: !todo six
      bell: ✓ #6 six — no date, no owner.  Take it: !take 6
      ana: !todo seven
      bell: ✓ #7 seven — no date, no owner.  Take it: !take 7
      ana: !todo eight
      bell: ✓ #8 eight — no date, no owner.  Take it: !take 8
      ana: !todo nine @ana
      bell: ✓ #9 nine — no date, with ana.  Undo: !undo
      ana: !todo ten
      bell: ✓ #10 ten — no date, no owner.  Take it: !take 10
      ana: !tasks
      bell: Open tasks:
        #3 three · no owner · due Fri 27 Nov
        #2 two · with ben · due Sat 5 Dec
        #1 one · no owner
        #4 four · no owner
        #5 five · no owner
        #6 six · no owner
        #7 seven · no owner
        #8 eight · no owner
        + 2 more: !tasks all
      ana: !tasks mine
      bell: Yours:
        #9 nine · with ana
      ana: !tasks @ben
      bell: With ben:
        #2 two · with ben · due Sat 5 Dec
      ben: !tasks overdue
      bell: Past their date: none.  Nobody's: 8 — !tasks unowned
      ben: !tasks friday
      bell: ✗ I don't know friday here. Try: !tasks mine
      """)
  }

  @Test func `who leaves leaves no task behind unseen`() throws {
    var stage = Stage(zone: "Europe/Berlin")
    _ = stage.play("ana: !task add renew cert @ben")
    let ben = Identity(account: "chat", user: "ben")
    let now = Now(stage.now, zones: FoundationZones())
    let answer = stage.teams.answer(
      Message(id: "left", room: Stage.room, sender: ben, kind: .left), now: now,
      handled: stage.now, admission: Admission(inviters: [:], zone: "UTC", language: "en"),
      chance: 0)
    for happening in answer.events {
      stage.teams.apply(happening.event, to: happening.team, at: stage.now)
    }
    #expect(stage.team.tasks[1]?.owners == [])
    #expect(stage.team.tasks[1]?.unownedSince == Day("2026-11-23"))
    check(
      """
      ana: !task add renew cert @ben
      bell: ✓ #1 renew cert — no date, with ben.  Undo: !undo
      bell → ben: ana gave you #1 renew cert — no date.  !take 1, or not: !drop 1 why
      ana: !member remove @ben
      bell: ✓ ben is out of the team. Nobody has #1 now.  Undo: !undo
      ana: !tasks unowned
      bell: Nobody's yet:
        #1 renew cert · no owner
      """)
  }

  @Test func `in Chinese as in English`() {
    check(
      """
      ben → bell: 语言 zh
      bell → ben: ✓ 我会用简体中文跟你说话。
      ben: ！任务 添加 续签证书 截止周五 @ana
      bell: ✓ #1 续签证书 — 截止 11月27日周五（Europe/Berlin），ana 负责。撤销：!撤销
      bell → ana: ben gave you #1 续签证书 — due Fri 27 Nov (Europe/Berlin).  !take 1, or not: !drop 1 \
      why
      ben → bell: 待办 打电话 @ana 截止 下午5点半
      bell → ben: ✓ #2 打电话 — 截止 11月23日周一 17:30（Europe/Berlin），ana 负责。撤销：!撤销
      bell → ana: ben gave you #2 打电话 — due Mon 23 Nov 17:30 (Europe/Berlin).  !take 2, or not: \
      !drop 2 why
      ben → bell: 任务
      bell → ben: 未完成的任务：
        #2 打电话 · ana 负责 · 截止 11月23日周一 17:30
        #1 续签证书 · ana 负责 · 截止 11月27日周五
      ben → bell: 接2
      bell → ben: ✗ #2 在 ana 手上。 试试：!task 2
      ben → bell: 任务 我的
      bell → ben: 你的任务：没有。
      ben → bell: 任务 1
      bell → ben: #1 续签证书 — ana 负责，截止 11月27日周五（Europe/Berlin）。
        ben 交办，尚未接受。!完成 1
      ben → bell: 完成2
      bell → ben: ✅
      bell → ana: ben says #2 打电话 is done.  If not: !reopen 2
      ben → bell: 截止 1 下周一
      bell → ben: ✓ #1：截止 11月30日周一（Europe/Berlin）。
      bell → ana: ben changed #1 续签证书: due Mon 30 Nov (Europe/Berlin).
      ben → bell: 稍后 1 两天后
      bell → ben: ✓ 11月25日周三 之前不再提 #1。撤销：!撤销
      ben → bell: 转 1 @ben
      bell → ben: ✓ #1 现在由 ben 负责。撤销：!撤销
      bell → ana: ben gave #1 续签证书 to ben.
      ben → bell: 放下 1
      bell → ben: ✓ #1 现在没人负责。认领：!接 1；根本不用做：!放下 1 原因
      """)
  }

  @Test func `what the digest counts`() throws {
    var stage = Stage(zone: "Europe/Berlin")
    _ = stage.play(
      """
      ana: !todo one due tue
      ana: !todo two @ana
      ana: !todo three
      at 11:00
      ben: !take 1
      ana: !done 2
      at wed 09:00
      ben: !take 3
      ben: !drop 3
      at thu 09:00
      ana: !drop 3 not needed
      """)
    let tasks = stage.team.tasks
    let monday = try #require(Day("2026-11-23"))
    let thursday = monday.adding(days: 3)
    #expect(tasks.opened(from: monday, to: thursday) == 3)
    #expect(tasks.done(from: monday, to: thursday) == 1)
    #expect(tasks.done(from: thursday, to: thursday) == 0)
    #expect(tasks.overdue(on: monday).isEmpty)
    #expect(tasks.overdue(on: thursday).map(\.id) == [1])
    #expect(tasks.unowned(on: monday).map(\.item.id) == [3])
    #expect(tasks.unowned(on: monday.adding(days: 2)).map(\.since) == [monday.adding(days: 2)])
    #expect(tasks.unowned(on: thursday).isEmpty)
    #expect(tasks.oldestOpen?.id == 1)
    // Two hours for the first, two days for the third.
    let median = try #require(tasks.medianSecondsToOwner(from: monday, to: thursday))
    #expect(abs(median - (2 + 48) * 3600 / 2) < 60)
    #expect(tasks.medianSecondsToOwner(from: thursday, to: thursday) == nil)
  }

  @Test func `events about what is not there change nothing`() throws {
    var team = Team(id: "t")
    let day = Day(number: 0)
    let events: [Tasks.Event] = [
      .given(id: 9, to: [Person(7)], by: Person(1), on: day), .taken(id: 9, by: Person(1), on: day),
      .finished(id: 9, by: Person(1), on: day), .removed(id: 9), .reopened(id: 9, on: day),
      .ownerLeft(Person(7), on: day), .merged(Person(7), into: Person(1)),
    ]
    for event in events { team.apply(.tasks(event), at: Instant(seconds: 0)) }
    #expect(team == Team(id: "t"))
  }
}
