import Testing

@testable import Crew

@Suite struct PersonalTests {
  @Test func `each reader has their own language, and commands work in both`() {
    check(
      """
      ana: !lang zh
      bell: ✓ 我会用简体中文跟你说话。
      ana: ！我
      bell: ana，Desk 的管理员
        简体中文 · Europe/Berlin，现在 09:00 · 免打扰 19:00–08:00 · 工作日 周一至周五 · ana (chat)
        修改：!语言 !时区 !免打扰 !工作日 !提醒 !绑定
      ana: ！语言 fr
      bell: ✗ 我会说 English (en)、简体中文 (zh)。 试试：!lang en
      ana: ！语言 英文
      bell: ✓ I speak English with you.
      ana: !undo
      bell: ↶ 已撤销：！语言 英文
      ana: !lang team
      bell: ✓ I speak English with you.
      ben → bell: lang 中文
      bell → ben: ✓ 我会用简体中文跟你说话。
      ben → bell: 我的设置
      bell → ben: ben，Desk 的成员
        简体中文 · Europe/Berlin，现在 09:00 · 免打扰 19:00–08:00 · 工作日 周一至周五 · ben (chat)
        修改：!语言 !时区 !免打扰 !工作日 !提醒 !绑定
      ben → bell: 时区 东京
      bell → ben: ✓ 你的时区是 Asia/Tokyo，现在 17:00。
      ben → bell: 免打扰 21:00到8:00
      bell → ben: ✓ 免打扰：21:00–08:00（Asia/Tokyo）。
      ben → bell: 工作日 周日到周四
      bell → ben: ✓ 你的工作日：周日至周四。
      """)
  }

  @Test func `a zone by its name, by a city, or the nearest one`() {
    check(
      """
      ana: !tz
      bell: It is 09:00 for you (Europe/Berlin).
      ana: !tz Asia/Shanghai
      bell: ✓ Your time is Asia/Shanghai, 16:00 now.
      ana: !tz berlin
      bell: ✓ Your time is Europe/Berlin, 09:00 now.
      ana: !tz New York
      bell: ✓ Your time is America/New_York, 03:00 now.
      ana: !tz 上海
      bell: ✓ Your time is Asia/Shanghai, 16:00 now.
      ana: !tz berlim
      bell: ✗ I know no zone “berlim”. Try: !tz Europe/Berlin
      ana: !tz middle of nowhere
      bell: ✗ I know no zone “middle of nowhere”. Try: !tz Asia/Shanghai
      ana: !undo
      bell: ↶ Undone: !tz 上海
      ana: !tz
      bell: It is 03:00 for you (America/New_York).
      """)
  }

  @Test func `hours of peace, days of work and number of reminders`() {
    check(
      """
      ana: !quiet 19:00-09:00
      bell: ✓ Quiet hours: 19:00–09:00 (Europe/Berlin).
      ana: !quiet 7pm to 8
      bell: ✓ Quiet hours: 19:00–08:00 (Europe/Berlin).
      ana: !quiet 10 bis 4
      bell: ✗ I don't read “10 bis 4” as hours. Try: !quiet 19:00-09:00
      ana: !quiet 9-9
      bell: ✗ I don't read “9-9” as hours. Try: !quiet 19:00-09:00
      ana: !quiet 25:00-8:00
      bell: ✗ There is no “25:00”. Write a date like 5 Dec, a time like 17:30.
      ana: !quiet
      bell: ✗ From when until when? Try: !quiet 19:00-09:00
      ana: !quiet off
      bell: ✓ Quiet hours: none (Europe/Berlin).
      ana: !workdays sun-thu
      bell: ✓ You work Sun–Thu.
      ana: !workdays mon, wed and fri
      bell: ✓ You work Mon, Wed, Fri.
      ana: !workdays fun
      bell: ✗ I don't read “fun” as weekdays. Try: !workdays sun-thu
      ana: !nudge light
      bell: ✓ At most one reminder a day.
      ana: !nudge hard
      bell: ✗ I know off, light and normal. Try: !nudge light
      ana: !me
      bell: ana, manager of Desk
        English · Europe/Berlin, 09:00 now · quiet none · works Mon, Wed, Fri · ana (chat)
        Change: !lang !tz !quiet !workdays !nudge !link
      ana: !workdays usual
      bell: ✓ You work Mon–Fri.
      ana: !quiet usual
      bell: ✓ Quiet hours: 19:00–08:00 (Europe/Berlin).
      ana: !nudge normal
      bell: ✓ At most 5 reminders a day.
      """)
  }

  @Test func `a code makes a stranger the same person`() {
    check(
      """
      ana: !task add renew cert @ana
      bell: ✓ #1 renew cert — no date, with ana.  Undo: !undo
      cleo → bell: link aaaaaaaa
      bell → cleo: I only work for my teams. Write in your team's room first, or send !link from \
      there.
      ana: !link
      bell: ✅
      bell → ana: Your code is jggkmpzb, for 10 minutes. Write !link jggkmpzb to me from your \
      other account.
      cleo → bell: link jggkmpzb
      bell → cleo: ✓ You are ana of Desk here too.
      cleo → bell: tasks mine
      bell → cleo: Yours:
        #1 renew cert · with ana
      cleo → bell: link jggkmpzb
      bell → cleo: ✗ That code is not valid, or not any more. Try: !link
      """)
  }

  @Test func `a code is for ten minutes and for one use`() {
    check(
      """
      ana → bell: link
      bell → ana: Your code is qgwdgkwc, for 10 minutes. Write !link qgwdgkwc to me from your \
      other account.
      at 09:15
      cleo → bell: link qgwdgkwc
      bell → cleo: I only work for my teams. Write in your team's room first, or send !link from \
      there.
      ana → bell: 绑定
      bell → ana: Your code is jggkmpzb, for 10 minutes. Write !link jggkmpzb to me from your \
      other account.
      ben → bell: link jggkmpzb
      bell → ben: ✓ You are ana of Desk here too.
      cleo → bell: link jggkmpzb
      bell → cleo: I only work for my teams. Write in your team's room first, or send !link from \
      there.
      """)
  }

  @Test func `two members become one, with what they had to do`() {
    check(
      """
      ben: !task add renew cert @ben
      bell: ✓ #1 renew cert — no date, with ben.  Undo: !undo
      ana → bell: link
      bell → ana: Your code is mwzkvxfm, for 10 minutes. Write !link mwzkvxfm to me from your \
      other account.
      ben: !link mwzkvxfm
      bell: ✓ You are ana of Desk here too.
      ana: !tasks mine
      bell → ana: Yours:
        #1 renew cert · with ana
      ana: !members
      bell → ana: ana (manager)
      """)
  }

  @Test func `codes differ with chance and are hard to guess`() {
    let codes = Set((0..<1000).map { Linking.code(UInt64($0)) })
    #expect(codes.count == 1000)
    #expect(codes.allSatisfy { $0.utf8.count == 8 })
  }

  @Test func `what is said to the bot alone counts in every team, and so does linking`() throws {
    var teams = Teams(words: shippedWords)
    let now = Now(Instant(seconds: 1_795_000_000), zones: FoundationZones())
    let ana = Identity(account: "chat", user: "ana")
    func hear(_ kind: Message.Kind, _ text: String, _ room: String, from: Identity) -> [Outgoing] {
      let message = Message(
        id: text + room, room: Room(account: from.account, id: room),
        isDirect: room.hasPrefix("direct"), sender: from, kind: kind, body: [.text(text)])
      let answer = teams.answer(
        message, now: now, handled: now.instant,
        admission: Admission(inviters: ["chat": ["*"]], zone: "UTC", language: "en"), chance: 7)
      for event in answer.events { teams.apply(event.event, to: event.team, at: now.instant) }
      return answer.posts
    }
    _ = hear(.invited, "", "one", from: ana)
    _ = hear(.invited, "", "two", from: ana)
    _ = hear(.text, "lang zh", "direct", from: ana)
    #expect(teams.sorted.map { $0.members[Person(1)]?.language } == ["zh", "zh"])
    #expect(hear(.text, "link", "direct", from: ana).count == 1)
    let other = Identity(account: "second", user: "4711")
    _ = hear(.text, "/link \(Linking.code(7))", "direct-4711", from: other)
    #expect(teams.teams(of: other).count == 2)
  }
}
