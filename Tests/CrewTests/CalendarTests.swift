import Crew
import Testing

@Suite struct CalendarTests {
  @Test func `working days are those that are worked, one by one`() throws {
    let first = try #require(Day("2026-01-01"))
    var team = Team(id: "t")
    let at = Instant(seconds: 1_767_225_600)
    func apply(_ event: Crew.Event) { team.apply(event, at: at) }
    for number in 1...2 {
      let identity = Identity(account: "a", user: "\(number)")
      apply(.members(.joined(Person(number), name: "p", identity: identity)))
    }
    apply(.members(.workdaysChosen(Person(2), [.sunday, .monday])))
    func day(_ number: Int) -> Day { first.adding(days: number) }
    apply(.calendar(.marked(days: [day(4), day(9)], as: .holiday, name: "h", people: [])))
    apply(.calendar(.marked(days: [day(16)], as: .workday, name: "w", people: [Person(2)])))
    for (id, from) in [(1, 20), (2, 23), (3, 70)] {
      apply(
        .calendar(
          .wentAway(id: id, person: Person(1), from: day(from), until: day(from + 8), cover: nil)))
    }
    for person in [nil, Person(1), Person(2)] {
      for from in stride(from: -3, to: 90, by: 7) {
        for length in [0, 1, 5, 6, 7, 30, 365] {
          let days = (from...from + length).map(day)
          let worked = days.count { team.isWorkday($0, for: person) }
          #expect(team.workingDays(from: days[0], to: days[length], for: person) == worked)
        }
      }
    }
  }

  @Test func `holidays and make-up days are marked, listed and taken out`() {
    check(
      """
      ana: !calendar
      bell: Nothing special ahead.  Add: !calendar holiday 2026-12-25 Christmas
      ana: !calendar holiday 2026-12-25 Christmas
      bell: ✓ Fri 25 Dec holiday: Christmas.  Take it out: !calendar remove 2026-12-25
      ana: !calendar workday 2026-11-28 for the move
      bell: ✓ Sat 28 Nov make-up working day: for the move.  Take it out: !calendar remove 2026-11-28
      ana → bell: calendar
      bell → ana: Sat 28 Nov make-up working day: for the move
        Fri 25 Dec holiday: Christmas
      ana: !calendar remove 2026-12-25
      bell: ✓ Fri 25 Dec: an ordinary day again.  Undo: !undo
      ana: !undo
      bell: ↶ Undone: !calendar remove 2026-12-25
      ana → bell: calendar
      bell → ana: Sat 28 Nov make-up working day: for the move
        Fri 25 Dec holiday: Christmas
      """)
  }

  @Test func `a festival of a week is one line`() {
    check(
      """
      ana: !calendar holiday 2027-02-05 - 2027-02-11 Spring Festival
      bell: ✓ Fri 5 Feb – Thu 11 Feb holiday: Spring Festival.  Take it out: !calendar remove 2027-02-05 - 2027-02-11
      ana: !calendar remove 2027-02-08
      bell: ✓ Mon 8 Feb: an ordinary day again.  Undo: !undo
      ana → bell: calendar
      bell → ana: Fri 5 Feb – Sun 7 Feb holiday: Spring Festival
        Tue 9 Feb – Thu 11 Feb holiday: Spring Festival
      ana: !calendar holiday 2027-01-06 Epiphany @ben
      bell: ✓ Wed 6 Jan holiday: Epiphany (for ben).  Take it out: !calendar remove 2027-01-06
      ana: !undo
      bell: ↶ Undone: !calendar holiday 2027-01-06 Epiphany @ben
      """)
  }

  @Test func `what cannot be marked`() {
    check(
      """
      ben: !calendar holiday 2026-12-25 Christmas
      bell: ✗ That is for managers of this team.
      ana: !calendar holiday
      bell: ✗ When? Try: !calendar holiday 2026-12-25 Christmas
      ana: !calendar holiday soon
      bell: ✗ I don't read “soon” as a date. Try: !calendar holiday 2026-12-25 Christmas
      ana: !calendar holiday 2026-12-01 - 2027-02-01 long
      bell: ✗ Tue 1 Dec – Mon 1 Feb is more than 31 days. Try: !calendar holiday 2026-12-25 Christmas
      ana: !calendar holiday 2025-12-25 Christmas
      bell: ✗ 2025-12-25 is long past. Try: !calendar holiday 2026-12-25 Christmas
      ana: !calendar remove 2026-12-25
      bell: ✗ Nothing is marked on Fri 25 Dec. Try: !calendar
      ana: !calendar frobnicate
      bell: ✗ I don't know that one about the calendar. Try: !calendar holiday 2026-12-25 Christmas
      cleo → bell: calendar holiday 2026-12-25
      bell → cleo: I only work for my teams. Write in your team's room first, or send !link from there.
      """)
  }

  @Test func `away, back, and who covers`() {
    check(
      """
      ben: !away tue-thu cover @ana
      bell: ✓ You are away Tue 24 Nov – Thu 26 Nov, ana covers.  Sooner: !back
      bell → ana: ben is away Tue 24 Nov – Thu 26 Nov; you cover.
      ben: !away list
      bell: Tue 24 Nov – Thu 26 Nov ben is away, ana covers
      ana → bell: who is away
      bell → ana: Tue 24 Nov – Thu 26 Nov ben is away, ana covers
      ana → bell: calendar
      bell → ana: Tue 24 Nov – Thu 26 Nov ben is away, ana covers
      ben → bell: away
      bell → ben: Tue 24 Nov – Thu 26 Nov ben is away, ana covers
      at wed 09:00
      ben: !back
      bell: ✓ Back from Wed 25 Nov on.
      ben: !undo
      bell: ↶ Undone: !back
      ben: !back fri
      bell: ✓ Back from Fri 27 Nov on.
      ben: !back
      bell: ✓ Back from Wed 25 Nov on.
      ben: !back
      bell: ✗ You are not away.
      """)
  }

  @Test func `a manager enters others, others only themselves`() {
    check(
      """
      ana: !away @ben mon-wed
      bell: ✓ ben is away Mon 30 Nov – Wed 2 Dec.  Undo: !undo
      bell → ben: ana entered you as away Mon 30 Nov – Wed 2 Dec.  Sooner: !back
      ben: !away @ana tomorrow
      bell: ✗ Only ana or a manager can say that.
      ana: !away until fri cover @ana
      bell: ✗ Somebody else has to cover. Try: !away mon-wed cover @ben
      ana: !away 2026-11-20
      bell: ✗ Fri 20 Nov is over. Try: !away mon-wed cover @ben
      ana: !away
      bell: You are not away.  To enter it: !away mon-wed cover @ben
      ana: !away tomorrow
      bell: ✓ You are away Tue 24 Nov.  Sooner: !back
      ana: !away until fri
      bell: ✓ You are away Mon 23 Nov – Fri 27 Nov.  Sooner: !back
      ana → bell: away list
      bell → ana: Mon 23 Nov – Fri 27 Nov ana is away
        Mon 30 Nov – Wed 2 Dec ben is away
      ana: !back
      bell: ✓ Back from Mon 23 Nov on.
      """)
  }

  @Test func `in Chinese`() {
    check(
      after: [.team(.languageChosen("zh"))],
      """
      ana: ！日历 放假 2027-01-01 元旦
      bell: ✓ 1月1日周五 放假：元旦。  取消：!日历 删除 2027-01-01
      ana: ！调休 2027-01-03
      bell: ✓ 1月3日周日 调休上班。  取消：!日历 删除 2027-01-03
      ana: ！请假周二到周三由@ben代班
      bell: ✓ 你 11月24日周二 – 11月25日周三 请假，ben代班。  提前回来：!销假
      bell → ben: ana 11月24日周二 – 11月25日周三 请假，由你代班。
      ana: ！谁请假
      bell: 11月24日周二 – 11月25日周三 ana不在，ben代班
      ana: ！销假
      bell: ✓ 11月24日周二 – 11月25日周三 不请假了。  撤回：!撤销
      ana: ！撤销
      bell: ↶ 已撤销：！销假
      """)
  }
}
