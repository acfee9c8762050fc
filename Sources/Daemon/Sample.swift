import Crew

/// A team to look at when there is none yet: it comes to be through the same commands that people
/// type, so that whatever is shown of it is real.
enum Sample {
  static let account = "sample"
  static let room = Room(account: account, id: "desk")
  static let admission = Admission(
    inviters: [account: ["*"]], zone: "Europe/Berlin", language: "en")

  private static let script: [(who: String, text: String)] = [
    ("Ben", "/help"),
    ("Ana", "/checkin schedule daily 09:30"),
    ("Ana", "/role define billing Invoices, refunds and their questions"),
    ("Ana", "/role define incident-lead Leads when something is down"),
    ("Ben", "/claim billing"),
    ("Ana", "/task add renew TLS cert due fri"),
    ("Ana", "/task add answer refund backlog"),
    ("Ben", "/task add call Acme about the migration @Ana due tomorrow"),
    ("Ana", "/goal add first reply under 2 h by eom @Ben"),
    ("Ana", "/goal add CSAT above 4.5 by eom @Ana"),
    ("Ana", "/kudos @Ben for staying with the client till 2am #customer"),
  ]

  /// The team as of `now`.
  static func team(words: Words, now: Now) -> Teams {
    var teams = Teams(words: words)
    var number = 0
    func hear(_ who: String, _ text: String, _ kind: Message.Kind) {
      number += 1
      let message = Message(
        id: "m\(number)", room: room, sender: Identity(account: account, user: who.lowercased()),
        senderName: who, kind: kind, body: [.text(text)], roomName: "Service Desk")
      let answer = teams.answer(
        message, now: now, handled: now.instant, admission: admission, chance: UInt64(number))
      for happening in answer.events {
        teams.apply(happening.event, to: happening.team, at: now.instant)
      }
    }
    hear("Ana", "", .invited)
    for (who, text) in script { hear(who, text, .text) }
    return teams
  }
}
