import Crew
import Testing

/// What people type by mistake, in fun or in malice: an error line or plain text, never a crash,
/// never a right that one has not.
@Suite struct BadInputTests {
  @Test func `a hundred thousand letters are refused by their length`() {
    let long = String(repeating: "a", count: 100_000)
    let stage = Stage.said("/task add \(long)")
    #expect(stage.team.tasks.isEmpty)
    #expect(
      stage.said == [
        "✗ That is too long for me (4,096 bytes at most). Nothing was changed."
      ])
  }

  @Test func `a thousand people in one kudos get one line`() {
    let many = String(repeating: "@ben ", count: 600)
    let stage = Stage.said("/kudos \(many) for all")
    #expect(stage.said.count == 1)
    #expect(stage.team.kudos.given.count == 1)
  }

  @Test func `nobody makes themselves a manager`() {
    check(
      """
      ben: !member manager @ben
      bell: ✗ That is for managers of this team.
      ben: !policy kudos.top on
      bell: ✗ That is for managers of this team.
      cleo: !member manager @cleo
      """)
  }

  /// Nobody is told what to take for a deceit: the letters stay as they are, and count as they are.
  @Test func `a letter that looks like another is shown as written, and makes another name`() {
    let stage = Stage.said("/task add \u{410}nn Il1O0", "/t\u{430}sk add another")
    #expect(stage.said[0].unicodeScalars.starts(with: "✓ #1 \u{410}nn Il1O0".unicodeScalars))
    #expect(stage.team.tasks.open.map(\.text) == ["\u{410}nn Il1O0"])
  }

  @Test func `a name that says manager is a name`() {
    var stage = Stage(zone: "Europe/Berlin")
    stage.rename("ben", to: "ana (manager)")
    #expect(
      stage.play("ben: !policy kudos.top on").hasSuffix("✗ That is for managers of this team."))
  }

  @Test func `text that other programs would obey is text`() {
    check(
      """
      ana: !task add Robert'); DROP TABLE tasks;--
      bell: ✓ #1 Robert'); DROP TABLE tasks;-- — no date, no owner.  Take it: !take 1
      ana: !task add %n%s%x ${jndi:ldap://x} {{7*7}} {id} \\(x)
      bell: ✓ #2 %n%s%x ${jndi:ldap://x} {{7*7}} {id} \\(x) — no date, no owner.  Take it: !take 2
      ana: !task add `rm -rf` @room <b>bold</b>
      bell: ✓ #3 `rm -rf` @room <b>bold</b> — no date, no owner.  Take it: !take 3
      """)
  }

  @Test(arguments: [
    "\u{202E}gnp.exe", "\u{2066}x\u{2069}", "a\u{0}b", "a\u{1B}[2Jb", "a\rb", "\u{FEFF}a",
  ])
  func `what would turn or clear a line does not come back`(text: String) {
    let stage = Stage.said("/task add x\(text)")
    for scalar in stage.said.joined().unicodeScalars {
      #expect(
        !(0..<0x20).contains(scalar.value) && !(0x202A...0x202E).contains(scalar.value)
          && !(0x2066...0x2069).contains(scalar.value) && scalar.value != 0xFEFF)
    }
  }

  @Test func `the same letter written two ways is one role`() {
    let stage = Stage.said("/role define caf\u{E9} drinks", "/claim cafe\u{301}")
    #expect(stage.team.roles.list.count <= 1)
  }

  @Test(arguments: [
    "/", "!", "//", "/ /", "！", "/task", "/task add", "/done", "/done x", "/done -1",
    "/done 99999999999999999999", "/due 1 31 apr", "/goal g", "/goal g1 nan%", "/ci", "/away",
    "/away 05/06", "/kudos", "/kudos @", "/kudos @nobody for x", "++", "@ben++", "/undo undo",
    "/link", "/link \u{0}", "/tz Mars/Olympus", "/lang xx", "/quiet 25:00-26:00", "/role",
    "/role define", "/role define ../../etc x", "/checkin schedule x 1s", "/report @", "/why -3",
    "/help help help", "/snooze 1 yesterday", "/policy x y", "/calendar holiday 0000-00-00",
  ])
  func `whatever is typed, the bot answers in at most a few lines and lives`(text: String) {
    let stage = Stage.said(text)
    #expect(stage.said.count <= 2)
    #expect(stage.said.allSatisfy { $0.utf8.count < 2000 })
  }

  @Test func `another team's task is not there`() {
    let stage = Stage.said("/task add ours")
    #expect(stage.team.tasks.open.count == 1)
    check(
      """
      ana: !task add ours
      bell: ✓ #1 ours — no date, no owner.  Take it: !take 1
      cleo → bell: done 1
      bell → cleo: I only work for my teams. Write in your team's room first, or send !link from there.
      """)
  }

  @Test func `over a trusted bridge a manager is a member`() {
    var stage = Stage(zone: "UTC")
    stage.write("/policy kudos.top on", senderKind: .bridged)
    #expect(stage.said.last == "✗ That is for managers of this team.")
    stage.write("/task add over the bridge", senderKind: .bridged)
    #expect(stage.team.tasks.open.map(\.text) == ["over the bridge"])
    stage.write("/policy kudos.top on")
    #expect(stage.said.last?.hasPrefix("✗") == false)
  }

  @Test(arguments: [SenderKind.bridged, .ghost, .bot, .anonymous])
  func `only a person brings the bot into a room and becomes its manager`(kind: SenderKind) {
    var teams = Teams(words: shippedWords)
    let message = Message(
      id: "m", room: Stage.room, sender: Identity(account: "chat", user: "ana"), senderName: "ana",
      senderKind: kind, kind: .invited)
    let now = Now(Instant(seconds: 1_795_420_800), zones: FoundationZones())
    let answer = teams.answer(
      message, now: now, handled: now.instant,
      admission: Admission(inviters: ["chat": ["*"]], zone: "UTC", language: "en"), chance: 1)
    #expect(answer.events.isEmpty && answer.refused == "inviter not allowed")
    for happening in answer.events {
      teams.apply(happening.event, to: happening.team, at: now.instant)
    }
    #expect(teams.sorted.isEmpty)
  }

  @Test func `a name from right to left turns nothing round it`() {
    var stage = Stage(zone: "UTC")
    stage.rename("ana", to: "מנהל 12")
    stage.write("/task add שלום 3")
    stage.write("/take 1")
    let said = stage.said.joined()
    #expect(said.contains("\u{2068}שלום 3\u{2069}"))
    stage.rename("ana", to: "ana")
    stage.write("/task add x")
    #expect(stage.said.last?.unicodeScalars.contains("\u{2068}") == false)
  }

  @Test func `what is told to somebody at night is told without a sound`() {
    func silences(_ hour: Int) -> [Bool] {
      var stage = Stage(zone: "Europe/Berlin")
      stage.write("/task add x")
      let zones = FoundationZones()
      let start = Now(stage.now, zones: zones)
      let tuesday = start.today(in: "Europe/Berlin").adding(days: 1)
      let time = TimeOfDay(hour: hour, minute: 0) ?? .nine
      let now = Now(start.instant(of: tuesday, time, in: "Europe/Berlin"), zones: zones)
      let ben = Identity(account: "chat", user: "ben")
      let message = Message(
        id: "n", room: Stage.room, sender: Identity(account: "chat", user: "ana"),
        body: [.text("/give 1 "), .mention(ben, shown: "ben")])
      let answer = stage.teams.answer(
        message, now: now, handled: now.instant,
        admission: Admission(inviters: [:], zone: "UTC", language: "en"), chance: 1)
      return answer.posts.filter { $0.target == .direct(ben) }.map(\.post.isSilent)
    }
    #expect(silences(10) == [false])
    #expect(silences(22) == [true])
  }

  @Test func `a bot, a ghost and an edit change nothing`() {
    for kind in [SenderKind.bot, .ghost, .anonymous] {
      var stage = Stage(zone: "UTC")
      stage.write("/task add x", senderKind: kind)
      #expect(stage.team.tasks.isEmpty)
    }
    var stage = Stage(zone: "UTC")
    stage.write("/task add x", kind: .edit(of: "m1"))
    #expect(stage.team.tasks.isEmpty)
    stage.write("/task add x")
    #expect(!stage.team.tasks.isEmpty)
  }
}

extension Stage {
  /// A stage on which Ana has written these.
  static func said(_ lines: String...) -> Stage {
    var stage = Stage(zone: "UTC")
    for line in lines { stage.write(line) }
    return stage
  }

  /// What the bot said, without who it said it to.
  var said: [String] {
    transcript.filter { $0.hasPrefix("bell") }.map {
      String($0[$0.index(after: $0.firstIndex(of: ":") ?? $0.startIndex)...].drop { $0 == " " })
    }
  }
}
