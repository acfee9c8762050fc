/// What each person decides for themselves. Written to the bot alone it counts in every team of
/// theirs; in a team's room, in that team.
enum Personal {
  static let commands: [Command] = [me, language, zone, quiet, workdays, nudge, link]

  static let me = Command(
    "me", summary: "Your own settings.", isPersonal: true
  ) { (call: Call) throws(Refusal) -> Decision in
    let member = call.sender
    let quiet = call.team.quiet(of: member)
    let local = call.now.local(in: call.zone)
    let values: [String: Phrase.Value] = [
      "person": .person(member.id), "team": .text(call.team.settings.name),
      "language": .text(call.words.languages[call.language]?.name ?? call.language),
      "zone": .text(call.zone), "time": .text(local.time.description),
      "quiet": .phrase(hours(quiet)),
      "workdays": .phrase(weekdays(member.workdays ?? call.team.settings.workdays)),
      "accounts": .list(member.identities.map { .text("\($0.user) (\($0.account))") }),
    ]
    let first =
      member.isManager
      ? Phrase("me.manager", "{person}, manager of {team}", values)
      : Phrase("me.member", "{person}, member of {team}", values)
    return Decision(say: [
      .discreet([
        first,
        Phrase(
          "me.settings",
          "{language} · {zone}, {time} now · quiet {quiet} · works {workdays} · {accounts}",
          values),
        Phrase("me.change", "Change: `lang` `tz` `quiet` `workdays` `nudge` `link`"),
      ])
    ])
  }

  static let language = Command(
    "lang", aliases: ["language"], usage: "en|zh|team", example: "lang en",
    summary: "The language I speak with you.", isPersonal: true
  ) { (call: Call) throws(Refusal) -> Decision in
    let code = try call.languageCode(alsoNone: true)
    let name = call.words.languages[code ?? call.team.settings.language]?.name ?? "English"
    return call.changedOwn(
      "lang", .languageChosen(call.sender.id, code),
      undo: .languageChosen(call.sender.id, call.sender.language),
      Phrase("lang.done", "✓ I speak {language} with you.", ["language": .text(name)]))
  }

  static let zone = Command(
    "tz", aliases: ["timezone", "zone"], usage: "<zone or city>", example: "tz Europe/Berlin",
    summary: "Your time zone.", isPersonal: true
  ) { (call: Call) throws(Refusal) -> Decision in
    guard !call.arguments.isEmpty else {
      return Decision(say: [
        .reply(Phrase("tz.now", "It is {time} for you ({zone}).", call.clock(call.zone)))
      ])
    }
    let zone = try call.zoneNamed()
    return call.changedOwn(
      "tz", .zoneChosen(call.sender.id, zone),
      undo: .zoneChosen(call.sender.id, call.sender.zone),
      Phrase("tz.done", "✓ Your time is {zone}, {time} now.", call.clock(zone)))
  }

  static let quiet = Command(
    "quiet", aliases: ["dnd"], usage: "<from>-<until>|off|usual", example: "quiet 19:00-09:00",
    summary: "Hours in which I send you nothing by myself.", isPersonal: true
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    var quiet: Quiet?
    if arguments.isEmpty {
      throw call.wrong(Phrase("hours.missing", "From when until when?"))
    } else if arguments.take(anyOf: "off", "none", "never", "关", "关闭", "无") {
      quiet = Quiet(from: .midnight, until: .midnight)
    } else if !arguments.take(anyOf: "usual", "default", "默认") {
      quiet = try call.hours(arguments)
    }
    var member = call.sender
    member.quiet = quiet
    return call.changedOwn(
      "quiet", .quietChosen(call.sender.id, quiet),
      undo: .quietChosen(call.sender.id, call.sender.quiet),
      Phrase(
        "quiet.done", "✓ Quiet hours: {hours} ({zone}).",
        ["hours": .phrase(hours(call.team.quiet(of: member))), "zone": .text(call.zone)]))
  }

  /// `19:00–08:00`, or none.
  static func hours(_ quiet: Quiet) -> Phrase {
    guard quiet.from != quiet.until else { return Phrase("hours.none", "none") }
    return .verbatim("\(quiet.from)–\(quiet.until)")
  }

  static let workdays = Command(
    "workdays", usage: "<weekdays>|usual", example: "workdays sun-thu",
    summary: "The weekdays you work.", isPersonal: true
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    var days: [Weekday]?
    if !arguments.take(anyOf: "usual", "default", "team", "默认") {
      days = try call.weekdays()
    }
    return call.changedOwn(
      "workdays", .workdaysChosen(call.sender.id, days),
      undo: .workdaysChosen(call.sender.id, call.sender.workdays),
      Phrase(
        "workdays.done", "✓ You work {days}.",
        ["days": .phrase(weekdays(days ?? call.team.settings.workdays))]))
  }

  /// `Mon–Fri`, or one by one where they don't follow each other; the week is a circle.
  static func weekdays(_ days: [Weekday]) -> Phrase {
    let starts = days.filter { day in !days.contains { $0.rawValue % 7 + 1 == day.rawValue } }
    if days.count > 2, starts.count == 1, let first = starts.first {
      let last = Weekday(rawValue: (first.rawValue + days.count - 2) % 7 + 1) ?? first
      return Phrase(
        "workdays.range", "{from}–{to}",
        ["from": .phrase(Speaker.name(of: first)), "to": .phrase(Speaker.name(of: last))])
    }
    return Phrase(
      "workdays.list", "{days}", ["days": .list(days.map { .phrase(Speaker.name(of: $0)) })])
  }

  static let nudge = Command(
    "nudge", aliases: ["nudges"], usage: "off|light|normal", example: "nudge light",
    summary: "How many reminders I may send you a day.", isPersonal: true
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let most: Int?
    if arguments.take(anyOf: "light", "low", "少", "轻") {
      most = 1
    } else if arguments.take(anyOf: "off", "none", "关", "关闭") {
      most = 0
    } else if arguments.take(anyOf: "normal", "usual", "on", "正常", "默认") {
      most = nil
    } else {
      throw call.wrong(Phrase("nudge.which", "I know off, light and normal."))
    }
    let usual = call.team.settings.policy("nudges", usual: 5)
    return call.changedOwn(
      "nudge", .nudgesChosen(call.sender.id, most),
      undo: .nudgesChosen(call.sender.id, call.sender.nudgesMax),
      Phrase.counted(
        "nudge.done", min(usual, most ?? usual), one: "✓ At most one reminder a day.",
        many: "✓ At most {count} reminders a day."))
  }

  static let link = Command(
    "link", usage: "[code]", example: "link",
    summary: "Be the same person on another platform.", isPersonal: true
  ) { (call: Call) throws(Refusal) -> Decision in
    guard call.arguments.isEmpty else {
      throw Refusal(
        Phrase("link.unknown", "That code is not valid, or not any more."),
        example: "link")
    }
    let code = Linking.code(call.chance)
    let until = call.now.instant.adding(minutes: Linking.minutes)
    let told = Phrase(
      "link.code",
      "Your code is {code}, for {minutes} minutes. "
        + "Write `link {code}` to me from your other account.",
      ["code": .text(code), "minutes": .number(Int(Linking.minutes))])
    return Decision(
      [.members(.linkOffered(call.sender.id, code: code, until: until))],
      say: call.message.isDirect
        ? [.reply(told)]
        : [
          .acknowledge(Phrase("link.told", "✓ I sent you a code.")), .tell(call.sender.id, told),
        ])
  }
}

// Settings as they are typed, for one person or for the team.
extension Call {
  /// The code of the language that the argument names; nil for the team's own.
  func languageCode(alsoNone: Bool) throws(Refusal) -> String? {
    let word = arguments.firstWord
    if alsoNone, ["team", "auto", "团队", "默认"].contains(word) { return nil }
    let others = [
      "english": "en", "英文": "en", "英语": "en", "chinese": "zh", "中文": "zh", "汉语": "zh",
      "zh-cn": "zh", "cn": "zh",
    ]
    let found = words.codes.first { code in
      code == word || words.languages[code].map { Text.folded($0.name) } == word
        || others[word] == code
    }
    guard let found else {
      throw wrong(
        Phrase(
          "lang.unknown", "I speak {languages}.",
          [
            "languages": .list(
              words.codes.map { .text("\(words.languages[$0]?.name ?? $0) (\($0))") })
          ]))
    }
    return found
  }

  /// What a line about a zone may say.
  func clock(_ zone: String) -> [String: Phrase.Value] {
    ["zone": .text(zone), "time": .text(now.local(in: zone).time.description)]
  }

  /// The zone that the arguments name, by its id or its city.
  func zoneNamed() throws(Refusal) -> String {
    let text = Text.folded(arguments.text)
    if let zone = now.zones.named(Cities.zones[text] ?? text)
      ?? now.zones.named(text.split(separator: " ").joined(separator: "_"))
    {
      return zone
    }
    throw Refusal(
      Phrase(
        "tz.unknown", "I know no zone “{text}”.",
        ["text": .text(Text.shortened(arguments.text, to: 30))]),
      example: "\(command?.path ?? "tz") \(Cities.nearest(to: text) ?? zone)")
  }

  func hours(_ arguments: Arguments) throws(Refusal) -> Quiet {
    guard let found = try When.hours(arguments.foldedWords, now: now), found.from != found.until
    else {
      throw wrong(
        Phrase(
          "hours.unknown", "I don't read “{text}” as hours.",
          ["text": .text(Text.shortened(arguments.text, to: 30))]))
    }
    return Quiet(from: found.from, until: found.until)
  }

  func weekdays() throws(Refusal) -> [Weekday] {
    guard let days = When.weekdays(arguments.foldedWords, now: now) else {
      throw wrong(
        Phrase(
          "workdays.unknown", "I don't read “{text}” as weekdays.",
          ["text": .text(Text.shortened(arguments.text, to: 30))]))
    }
    return days
  }

  fileprivate func changedOwn(
    _ what: String, _ event: Members.Event, undo: Members.Event, _ line: Phrase
  ) -> Decision {
    Decision(
      [.members(event)], say: [.reply(line)],
      undo: Undoable("me/\(sender.id.number)/\(what)", [.members(undo)]))
  }
}
