// What a check-in brought: the summary in the thread, and `report`.
extension Team {
  /// A summary's letters per field and person: the whole answer is in `report`.
  private static let shortMax = 100
  /// A summary or report is at most this many persons long.
  private static let linesMax = 40

  /// Who answered what, who is away, who is not heard of yet: names only, nobody's phone rings.
  func summary(_ plan: Checkins.Plan, on day: Day) -> [Phrase] {
    let answers = checkins.answers(from: day, to: day).filter { $0.name == plan.name }
    let real = answers.filter { $0.skipped == nil }
    let skipped = answers.filter { $0.skipped != nil }
    let skippers = skipped.map(\.person)
    let occurrence = checkins.occurrence(plan.name, on: day)
    let expected = (occurrence.map { self.expected(plan, $0) } ?? self.expected(plan, on: day))
      .filter { !skippers.contains($0) }
    let missing = expected.filter { person in !real.contains { $0.person == person } }
    let others = real.count { !expected.contains($0.person) }
    let values: [String: Phrase.Value] = [
      "name": .text(plan.name), "day": .day(day), "answered": .number(real.count),
      "expected": .number(expected.count + others),
    ]
    var lines = [
      expected.count + others > 0
        ? Phrase("checkins.summary", "{name}, {day}: {answered} of {expected} answered", values)
        : Phrase("checkins.summary.none", "{name}, {day}: no answers", values)
    ]
    lines += real.prefix(Self.linesMax).map { line($0, max: Self.shortMax) }
    let everyoneAway = occurrence.flatMap { $0.isClosed ? $0.away : nil } ?? away(plan, on: day)
    let gone = everyoneAway.filter { person in !real.contains { $0.person == person } }
    lines += names("checkins.away", "Away: {people}", gone)
    lines += names("checkins.skipped.who", "Skipped: {people}", skippers)
    return lines + names("checkins.unanswered", "No answer yet: {people}", missing)
  }

  private func names(_ key: String, _ english: String, _ people: [Person]) -> [Phrase] {
    guard !people.isEmpty else { return [] }
    return [Phrase(key, english, ["people": .list(people.map { .person($0) })])]
  }

  /// `ana: shipped it · next: report · blocked: key from ben`.
  func line(_ answer: Checkins.Answer, max: Int) -> Phrase {
    let late = answer.isLate ? Phrase("checkins.line.late", " (late)") : .verbatim("")
    return Phrase(
      "checkins.line", "{person}{late}: {words}",
      [
        "person": .person(answer.person), "late": .phrase(late),
        "words": .phrase(words(answer, max: max)),
      ])
  }

  func words(_ answer: Checkins.Answer, max: Int) -> Phrase {
    if let reason = answer.skipped {
      let phrase = Phrase("checkins.words.skipped", "skipped")
      return reason.isEmpty ? phrase : .dotted([phrase, .verbatim(reason)])
    }
    func text(_ text: String) -> [String: Phrase.Value] {
      ["text": .text(Text.shortened(text, to: max))]
    }
    let said = answer.said
    var parts: [Phrase] = []
    if !said.done.isEmpty { parts.append(Phrase("verbatim", "{text}", text(said.done))) }
    if !said.doing.isEmpty {
      parts.append(Phrase("checkins.words.next", "next: {text}", text(said.doing)))
    }
    for note in said.notes {
      parts.append(.verbatim("\(note.question) \(Text.shortened(note.text, to: max))"))
    }
    if !said.blocked.isEmpty {
      parts.append(Phrase("checkins.words.blocked", "blocked: {text}", text(said.blocked)))
    }
    return parts.isEmpty ? Phrase("checkins.words.nothing", "nothing") : .dotted(parts)
  }

  /// `3 working days`; `today` on the first day.
  func ageLine(_ blocker: Checkins.Blocker, _ today: Day) -> Phrase {
    let age = age(of: blocker, on: today)
    if age == 0 { return Phrase("blocks.age.today", "since today") }
    return .counted("blocks.age", age, one: "{count} working day", many: "{count} working days")
  }
}

extension Checkins {
  static let report = Command(
    "report", usage: "[@who|team] [name] [today|yesterday|last week|<from>-<to>]",
    example: "report @ben last week", summary: "Check-in answers by person and days."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    var who: Person?
    if !arguments.take(anyOf: "team", "all", "团队", "全部") {
      who = try call.personIfNamed(&arguments)
      if who == nil, arguments.take(anyOf: "me", "mine", "我", "我的") { who = call.sender.id }
    }
    let plan = call.team.checkins.plan(arguments.firstWord)
    if plan != nil { arguments.take() }
    let (from, to) = try span(&arguments, call)
    if who == nil { who = try call.personIfNamed(&arguments) }
    guard arguments.isEmpty else { throw unread(arguments, call) }
    if from == to, who == nil { return Decision(say: [.discreet(day(from, plan, call))]) }
    return Decision(say: [.discreet(list(from, to, who, plan, call))])
  }

  private static func unread(_ arguments: Arguments, _ call: Call) -> Refusal {
    call.wrong(
      Phrase(
        "report.unread", "I don't read “{text}” in a report.",
        ["text": .text(Text.shortened(arguments.text, to: 30))]))
  }

  /// The days asked for; today where none are named.
  private static func span(
    _ arguments: inout Arguments, _ call: Call
  ) throws(Refusal) -> (from: Day, to: Day) {
    let today = call.today
    guard !arguments.isEmpty, arguments.first?.kind == .word, !arguments.firstWord.hasPrefix("@")
    else { return (today, today) }
    if let (from, to, count) = backwards(arguments.foldedWords, today) {
      arguments.drop(count)
      return (from, to)
    }
    var rest = arguments
    let (from, to) = try call.days(&rest)
    arguments = rest
    guard from > today else { return (from, min(to, today)) }
    // What lies ahead has no answers yet: `report monday` means the last one.
    guard to.days(since: today) <= 7 else { return (from, to) }
    return (from.adding(days: -7), to.adding(days: -7))
  }

  /// `yesterday`, `last week`, `this month`, `last 10 days`, 昨天, 上周, 本月, 最近7天.
  private static func backwards(
    _ words: [String], _ today: Day
  ) -> (from: Day, to: Day, count: Int)? {
    let first = words.first ?? ""
    let two = words.prefix(2).joined(separator: " ")
    let lastMonth = today.adding(days: -today.day)
    switch first {
    case "yesterday", "昨天": return (today.adding(days: -1), today.adding(days: -1), 1)
    case "前天": return (today.adding(days: -2), today.adding(days: -2), 1)
    case "week", "本周", "这周": return (today.monday, today, 1)
    case "上周": return (today.monday.adding(days: -7), today.monday.adding(days: -1), 1)
    case "month", "本月", "这个月": return (today.adding(days: 1 - today.day), today, 1)
    case "上月", "上个月": return (lastMonth.adding(days: 1 - lastMonth.day), lastMonth, 1)
    default: break
    }
    switch two {
    case "last week": return (today.monday.adding(days: -7), today.monday.adding(days: -1), 2)
    case "this week": return (today.monday, today, 2)
    case "last month": return (lastMonth.adding(days: 1 - lastMonth.day), lastMonth, 2)
    case "this month": return (today.adding(days: 1 - today.day), today, 2)
    default: break
    }
    let digits = first.hasPrefix("最近") ? first.dropFirst(2).prefix { $0.isNumber } : ""
    if let days = Int(digits), (1...366).contains(days), first.hasSuffix("天") {
      return (today.adding(days: 1 - days), today, 1)
    }
    guard first == "last", words.count >= 3, let days = Int(words[1]), (1...366).contains(days),
      words[2] == "days" || words[2] == "day"
    else { return nil }
    return (today.adding(days: 1 - days), today, 3)
  }

  /// One day of the team: the summaries as they stand now.
  private static func day(_ day: Day, _ plan: Plan?, _ call: Call) -> [Phrase] {
    let checkins = call.team.checkins
    let plans = checkins.plans.filter { candidate in
      (plan == nil || candidate.name == plan?.name)
        && (checkins.wasOpened(candidate.name, on: day)
          || checkins.answers(from: day, to: day).contains { $0.name == candidate.name })
    }
    guard !plans.isEmpty else { return [none(day, day)] }
    return plans.flatMap { call.team.summary($0, on: day) }
  }

  private static func none(_ from: Day, _ to: Day) -> Phrase {
    Phrase("report.none", "No answers for {when}.", ["when": Calendar.span(from, to)])
  }

  private static func list(
    _ from: Day, _ to: Day, _ who: Person?, _ plan: Plan?, _ call: Call
  ) -> [Phrase] {
    let answers = call.team.checkins.answers(from: from, to: to).filter { answer in
      (who == nil || answer.person == who) && (plan == nil || answer.name == plan?.name)
    }
    guard !answers.isEmpty else { return [none(from, to)] }
    let hasSeveral = Set(answers.map(\.name)).count > 1
    let lines = answers.suffix(reportMax).map { answer in
      Phrase(
        hasSeveral ? "report.line.named" : "report.line",
        hasSeveral ? "{day} {name} {line}" : "{day} {line}",
        [
          "day": .day(answer.on), "name": .text(answer.name),
          "line": .phrase(call.team.line(answer, max: 200)),
        ])
    }
    let more = answers.count - lines.count
    return lines
      + (more > 0
        ? [Phrase("list.more", "+ {count} more", ["count": .number(more)])] : [])
  }

  /// A week of six people. Longer lists are asked for by person.
  static let reportMax = 30

  /// `checkin` alone: what is asked when, and what one has said.
  static func status(_ plans: [Plan], _ call: Call) -> [Phrase] {
    let lines = plans.map { plan -> Phrase in
      let slot = slot([plan], call)
      var values = slot.values
      guard let answer = call.team.checkins.answer(plan.name, call.sender.id, on: slot.day) else {
        return call.team.howTo(plan, on: slot.day)
      }
      values["words"] = .phrase(call.team.words(answer, max: 200))
      return Phrase(
        "checkins.status", "{name}, {day}: {words}  Change: `checkin edit …`", values)
    }
    return Team.folded(lines)
  }
}

extension Phrase {
  /// One after the other, without anything between.
  static func joined(_ phrases: [Phrase]) -> Phrase {
    guard let first = phrases.first else { return .verbatim("") }
    return phrases.dropFirst().reduce(first) {
      Phrase("verbatim.pair", "{a}{b}", ["a": .phrase($0), "b": .phrase($1)])
    }
  }

  /// One after the other with a dot between.
  static func dotted(_ phrases: [Phrase]) -> Phrase {
    guard let first = phrases.first else { return .verbatim("") }
    return phrases.dropFirst().reduce(first) {
      Phrase("verbatim.dotted", "{a} · {b}", ["a": .phrase($0), "b": .phrase($1)])
    }
  }
}
