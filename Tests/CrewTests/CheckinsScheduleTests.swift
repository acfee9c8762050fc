import Crew
import Foundation
import Testing

@Suite struct CheckinsScheduleTests {
  @Test func `a schedule as people write it`() {
    check(
      """
      ana: !checkin schedule 9:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      ana: !checkin schedule retro fri 3pm until 18:00 every 2 weeks
      bell: ✓ retro: 15:00 on Fri, closes 18:00, every 2 weeks; first on Fri 27 Nov.
        Own questions: !checkin questions retro Done? | Next?
      ana: !ci schedule week mon,wed at 10:00 until 17:00 Shanghai unless answered 3 days
      bell: ✓ week: 10:00 on Mon, Wed, closes 17:00 Asia/Shanghai, unless answered within 3 days; first on Mon 23 Nov.
        Own questions: !checkin questions week Done? | Next?
      ana → bell: checkin list
      bell → ana: daily: 09:30 on everybody's working days, closes 17:00
        week: 10:00 on Mon, Wed, closes 17:00 Asia/Shanghai, unless answered within 3 days
        retro: 15:00 on Fri, closes 18:00, every 2 weeks
      ana: !checkin schedule daily off
      bell: ✓ daily is not asked any more.  Undo: !undo
      ana: !undo
      bell: ↶ Undone: !checkin schedule daily off
      ana: !checkin schedule daily 10:30
      bell: ✓ daily: 10:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      ana: !undo
      bell: ↶ Undone: !checkin schedule daily 10:30
      ana → bell: checkin list
      bell → ana: daily: 09:30 on everybody's working days, closes 17:00
        week: 10:00 on Mon, Wed, closes 17:00 Asia/Shanghai, unless answered within 3 days
        retro: 15:00 on Fri, closes 18:00, every 2 weeks
      """)
  }

  @Test func `what no schedule can be`() {
    check(
      """
      ana: !checkin schedule daily
      bell: ✗ At what time? Try: !checkin schedule daily 09:30
      ana: !checkin schedule edit 09:30
      bell: ✗ “edit” cannot be a check-in's name: one word of up to 20 letters. Try: !checkin schedule daily 09:30
      ana: !checkin schedule daily 25:00
      bell: ✗ I don't read “25:00” in a schedule. Try: !checkin schedule daily 09:30
      ana: !checkin schedule daily 09:30 every 1s
      bell: ✗ “every 1s” is not possible: once a day at most, every 26 weeks at least. Try: !checkin schedule daily 09:30
      ana: !checkin schedule daily 09:30 every 99 weeks
      bell: ✗ “every 99 weeks” is not possible: once a day at most, every 26 weeks at least. Try: !checkin schedule daily 09:30
      ana: !checkin schedule daily 09:30 until 09:40
      bell: ✗ It would close at 09:40: at least 15 minutes after 09:30. Try: !checkin schedule daily 09:30
      ana: !checkin schedule daily 09:30 soonish
      bell: ✗ I don't read “soonish” in a schedule. Try: !checkin schedule daily 09:30
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      ana: !checkin schedule other 09:35
      bell: ✗ daily is asked at 09:30: leave 15 minutes between them. Try: !checkin schedule daily 09:30
      ana: !checkin schedule other off
      bell: ✗ There is no check-in called other. Try: !checkin list
      """)
  }

  @Test func `own questions are answered by name, number or in order`() {
    check(
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      ben: !checkin questions daily Mood?
      bell: ✗ That is for managers of this team.
      ana: !checkin questions daily Done? | What did you learn? | Blocked?
      bell: ✓ daily asks: 1. Done?  2. What did you learn?  3. Blocked?
      at 09:30
      bell: daily check-in for Mon 23 Nov: !checkin … — closes 17:00
          1. Done?  2. What did you learn?  3. Blocked?
      ben: !checkin printer | paper jams at 1.5 m | nothing
      bell: ✅
      ana: !checkin 2. swift; 1. release; blocked: key from @ben
      bell: ✓ b1 needs ben.  When it is solved: !unblock b1
      ana → bell: report
      bell → ana: daily, Mon 23 Nov: 2 of 2 answered
        ana: release · What did you learn? swift · blocked: key from @ben
        ben: printer · What did you learn? paper jams at 1.5 m
      ana: !checkin edit learn: more swift
      bell: ✓ b1 is closed.
      ana → bell: report @ana
      bell → ana: Mon 23 Nov ana: What did you learn? more swift
      ana: !checkin questions usual
      bell: ✓ daily asks done, doing, blocked again.
      """)
  }

  @Test func `optional people and observers are never missing`() {
    check(
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      ana: !checkin optional @ben
      bell: ✓ Optional: ben.
      ana: !checkin observer @ana daily
      bell: ✓ Only watching: ana.
      ana → bell: checkin list
      bell → ana: daily: 09:30 on everybody's working days, closes 17:00
          optional: ben
          watching: ana
      at 17:00
      bell: daily check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell ⤷ daily, Mon 23 Nov: no answers
      ana: !checkin required @ana daily
      bell: ✓ Asked as usual: ana.
      ben: !checkin optional @ben
      bell: ✗ That is for managers of this team.
      ana: !undo
      bell: ↶ Undone: !checkin required @ana daily
      """)
  }

  @Test func `every second week, and not of those who answered lately`() {
    check(
      """
      ana: !checkin schedule goals mon tue 10:00 every 2 weeks unless 3 days
      bell: ✓ goals: 10:00 on Mon, Tue, closes 17:00, every 2 weeks, unless answered within 3 days; first on Mon 23 Nov.
        Own questions: !checkin questions goals Done? | Next?
      at 10:00
      bell: goals check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      ana: !checkin on track
      bell: ✅
      ben: !checkin skip
      bell: ✅
      at tue 17:00
      bell ⤷ goals, Mon 23 Nov: 1 of 1 answered
        ana: on track
        Skipped: ben
      bell: goals check-in for Tue 24 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ben: goals check-in closes at 17:00: !checkin … or !checkin skip  (!why 4)
      bell ⤷ goals, Tue 24 Nov: 0 of 1 answered
        No answer yet: ben
      at mon 17:00
      """)
  }

  @Test func `a local time that a clock change skips is asked once, after the gap`() {
    // On 2027-03-28 clocks in Berlin go from 02:00 to 03:00.
    check(
      """
      at 2027-03-27 23:00
      ana: !checkin schedule night sun 02:30 until 04:00
      bell: ✓ night: 02:30 on Sun, closes 04:00; first on Sun 28 Mar.
        Own questions: !checkin questions night Done? | Next?
      at 03:05
      bell: night check-in for Sun 28 Mar: !checkin shipped …; today: …; blocked: … — closes 04:00
      ben: !checkin all quiet
      bell: ✅
      ana: !checkin all quiet
      bell: ✅
      at 05:00
      bell ⤷ night, Sun 28 Mar: 2 of 2 answered
        ana: all quiet
        ben: all quiet
      """)
  }

  @Test func `when the rules of a zone change, what was asked stays and what comes follows them`() {
    /// A law of this morning: the clocks of Berlin go back an hour, at once and for good.
    struct NewLaw: Zones {
      func named(_ text: String) -> String? { FoundationZones().named(text) }
      func offsetSeconds(of zone: String, at instant: Instant) -> Int? { 0 }
    }
    var stage = Stage(zone: "Europe/Berlin")
    func asked(_ stage: Stage) -> [String] {
      stage.transcript.filter { $0.hasPrefix("bell: daily check-in for") }.map {
        String($0.prefix(32))
      }
    }
    _ = stage.play("ana: !checkin schedule daily 09:30 until 11:00\nat 09:35")
    let monday = "bell: daily check-in for Mon 23 "
    #expect(asked(stage) == [monday])
    stage.zones = NewLaw()
    // 09:30 of the same day comes again.
    _ = stage.play("at 10:00\nat tue 09:25")
    #expect(asked(stage) == [monday])
    _ = stage.play("at 09:35")
    #expect(asked(stage) == [monday, "bell: daily check-in for Tue 24 "])
    #expect(stage.now.seconds % 86_400 == 9 * 3600 + 35 * 60)
  }

  @Test func `a local time that comes twice is asked once`() {
    // On 2027-10-31 clocks in Berlin go from 03:00 back to 02:00.
    check(
      """
      at 2027-10-30 23:00
      ana: !checkin schedule night sun 02:30 until 04:00
      bell: ✓ night: 02:30 on Sun, closes 04:00; first on Sun 31 Oct.
        Own questions: !checkin questions night Done? | Next?
      at 03:30
      bell: night check-in for Sun 31 Oct: !checkin shipped …; today: …; blocked: … — closes 04:00
      ben: !checkin skip
      bell: ✅
      ana: !checkin skip
      bell: ✅
      at 05:00
      bell ⤷ night, Sun 31 Oct: no answers
        Skipped: ana, ben
      """)
  }

  @Test(arguments: [
    ("Europe/Berlin", "2027-10-31", "02:30", "2027-10-31T00:30:00Z"),
    ("Australia/Lord_Howe", "2027-04-04", "01:45", "2027-04-03T14:45:00Z"),
    ("Antarctica/Troll", "2027-10-31", "01:30", "2027-10-30T23:30:00Z"),
  ])
  func `a local time that comes twice is its first time`(
    zone: String, day: String, time: String, first: String
  ) throws {
    let now = Now(Stage(zone: zone).now, zones: FoundationZones())
    let instant = now.instant(
      of: try #require(Day(day)), try #require(TimeOfDay(time)), in: zone)
    let date = Date(timeIntervalSince1970: Double(instant.seconds))
    #expect(date.ISO8601Format() == first)
  }

  @Test func `after a long absence nothing stale is asked`() {
    var stage = Stage(zone: "Europe/Berlin")
    _ = stage.play("ana: !checkin schedule daily 09:30 until 20:00")
    stage.now = stage.now.adding(hours: 7)
    #expect(!stage.play("at 21:00").contains("check-in for Mon 23 Nov"))
    #expect(stage.play("at 10:00").contains("check-in for Tue 24 Nov"))
  }

  @Test func `a short absence asks late, once`() {
    var stage = Stage(zone: "Europe/Berlin")
    _ = stage.play("ana: !checkin schedule daily 09:30 until 20:00")
    stage.now = stage.now.adding(hours: 5)
    let asked = stage.play("at 21:00").split(separator: "\n").filter {
      $0.hasPrefix("bell: daily check-in for Mon 23 Nov")
    }
    #expect(asked.count == 1)
  }

  @Test func `a summary that falls on a holiday of the room waits for a working hour`() {
    check(
      after: [.members(.zoneChosen(Person(2), "America/Los_Angeles"))],
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      ana: !calendar holiday 2026-11-24 Founders
      bell: ✓ Tue 24 Nov holiday: Founders.  Take it out: !calendar remove 2026-11-24
      ana: !checkin shipped
      bell: ✅
      at 19:00
      bell: daily check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      bell → ben: daily check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      ben: !checkin fixed
      bell: ✅
      at wed 08:55
      at 09:00
      bell ⤷ daily, Mon 23 Nov: 2 of 2 answered
        ana: shipped
        ben: fixed
      """)
  }

  @Test func `who came or came back since it was opened is not missing`() {
    check(
      """
      ana: !checkin schedule daily 09:30
      bell: ✓ daily: 09:30 on everybody's working days, closes 17:00; first on Mon 23 Nov.
        Own questions: !checkin questions daily Done? | Next?
      ben: !away today
      bell: ✓ You are away Mon 23 Nov.  Sooner: !back
      at 10:00
      bell: daily check-in for Mon 23 Nov: !checkin shipped …; today: …; blocked: … — closes 17:00
      ben: !back
      bell: ✓ Back from Mon 23 Nov on.
      ana: ！ＣＩ shipped；today：ａ report
      bell: ✅
      at 17:00
      bell ⤷ daily, Mon 23 Nov: 1 of 1 answered
        ana: shipped · next: ａ report
      """)
  }

  @Test func `participation counts only who was expected`() {
    var stage = Stage(zone: "Europe/Berlin")
    _ = stage.play(
      """
      ana: !checkin schedule daily 09:30
      ana: !away @ben tue
      ana: !calendar holiday 2026-11-25 Founders
      at 10:00
      ana: !checkin shipped
      at 17:30
      ben: !checkin late but here
      at 10:00
      at thu 10:00
      ana: !checkin shipped
      ben: !checkin skip
      at fri 18:00
      """)
    let monday = Day("2026-11-23") ?? Day(number: 0)
    let week = stage.team.checkins.participation(from: monday, to: monday.adding(days: 6))
    // Monday 2 of 2, Tuesday 0 of 1, Thursday 1 of 1, Friday 0 of 2.
    #expect(week.answered == 3)
    #expect(week.expected == 6)
    #expect(stage.team.workingDays(from: monday, to: monday.adding(days: 6)) == 4)
    #expect(stage.team.workingDays(since: monday, until: monday.adding(days: 4)) == 3)
    #expect(
      stage.team.workingDays(from: monday, to: monday.adding(days: 6), for: Person(2)) == 3)
    #expect(
      stage.team.nextWorkday(after: monday, for: Person(2)) == monday.adding(days: 3))
  }

  @Test func `replaying what was written gives the same team`() throws {
    var stage = Stage(zone: "Europe/Berlin")
    _ = stage.play(
      """
      ana: !checkin schedule daily 09:30
      at 10:00
      ana: !checkin shipped; blocked: key from @ben
      ben: !away tue cover @ana
      ana: !calendar holiday 2026-11-27 Founders @ben
      ana: !checkin optional @ben
      at wed 18:00
      ana: !checkin edit shipped
      ana: !unblock b1
      """)
    var replayed = Team(id: stage.team.id)
    for entry in stage.entries {
      let written = try JSONEncoder().encode(entry.event)
      replayed.apply(try JSONDecoder().decode(Event.self, from: written), at: entry.at)
    }
    #expect(replayed == stage.team)
    let kept = try JSONEncoder().encode(stage.team)
    #expect(try JSONDecoder().decode(Team.self, from: kept) == stage.team)
  }
}
