import Crew
import Ledger
import Logging
import Platforms

/// The menu of commands that some platforms show while one types.
struct Announcing {
  /// In every language, in the order of the catalog; a space becomes `_`, which is understood too.
  static func list(_ words: Words) -> [Announcement] {
    words.codes.flatMap { code in
      let speaker = Speaker.alone(words, language: code)
      return Catalog.commands.map { command in
        Announcement(
          name: command.path.replacing(" ", with: "_"),
          summary: speaker.say(command.summary).plain(prefix: "/"),
          language: code == "en" ? nil : code)
      }
    }
  }

  /// Tries once; a menu that is a day old is no reason for alarm.
  static func perform(
    _ account: Account, words: Words, network: any Network, log: Logger,
    points: CrashPoints = CrashPoints()
  ) async {
    let commands = account.slash?.register(with: account.credential) ?? []
    for request in account.platform.announce(list(words)) + commands {
      do {
        let response = try await network.perform(request)
        points.pass(.whileAnnouncing)
        if !(200...299).contains(response.status) {
          throw NetworkFailure(.badRequest, nothingSent: false, "refused")
        }
      } catch {
        log.notice("the menu of commands could not be announced", metadata: ["why": "\(error)"])
        return
      }
    }
  }
}
