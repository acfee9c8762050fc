import Crew
import Daemon
import Foundation
import Ledger

/// Makes the ledger of a team that has worked for years: tasks added, finished and thanked for.
enum Growing {
  static func grow(_ path: String, events: Int) async throws {
    let ledger = try await SQLiteLedger.open(
      at: path, now: SystemClock().now(), allowCreate: true, newInstance: "bench")
    var town = Town()
    var number = 0
    var stored = 0
    var instant = Instant(milliseconds: SystemClock().milliseconds - 10 * 365 * 86_400_000)
    let step = 10 * 365 * 86_400_000 / Int64(max(1, events))
    while stored < events {
      var rulings: [Ruling] = []
      while rulings.count < 2000, stored < events {
        let message = Self.message(number)
        let answer = town.teams.answer(
          message, now: Now(instant, zones: town.zones), handled: instant,
          admission: Town.admission, chance: UInt64(number))
        for happening in answer.events {
          town.teams.apply(happening.event, to: happening.team, at: instant)
          instant.milliseconds += step
        }
        stored += answer.events.count
        number += 1
        let entries = answer.events.map { Entry(team: $0.team, at: instant, event: $0.event) }
        rulings.append(Ruling(cause: .own("grow"), entries: entries))
      }
      _ = try await ledger.record(rulings, now: instant)
    }
    await ledger.close()
    print(stored)
  }

  private static func message(_ number: Int) -> Message {
    if number == 0 { return Town.message(0, "", .invited) }
    let task = (number - 1) / 2 + 1
    if number % 20 == 0 { return Town.message(number, "/kudos @ben for shop \(task)") }
    return number % 2 == 1
      ? Town.message(number, "/task add renew the certificate of shop \(number)")
      : Town.message(number, "/done \(task)")
  }
}
