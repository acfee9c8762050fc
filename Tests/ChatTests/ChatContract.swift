import Crew
import Fakes
import Foundation
import Ledger
import Platforms
import Testing

@testable import Daemon

/// What every platform that is polled promises, shown by the daemon's own loop on the platform's
/// fake: written once, called by each platform's tests.
struct ChatContract {
  let kind: PlatformKind
  let settings: AccountSettings
  /// A fresh chat with the bot in its room.
  let chat: @Sendable () -> any FakeChat
  /// Whether a call posts something that people see (a message, not a reaction or a look-up).
  let isPost: @Sendable (FakeRequest) -> Bool
  /// Whether a call asks for updates.
  let isPoll: @Sendable (FakeRequest) -> Bool
  /// What the platform answers to too many calls, with a wish to wait 2 s.
  let tooMany: HTTPResponse
  /// How it says that the token is not accepted.
  let unauthorized: HTTPResponse
  /// How people of this platform write a command.
  var prefix: String { kind.make(settings).abilities.prefix }

  func run() async throws {
    try await answersOnce()
    try await leavesHistoryAlone()
    try await ignoresWhatIsNoCommand()
    try await speaksAlone()
    try await bearsDeath()
    try await bearsLostAnswers()
    try await bearsLimits()
    try await bearsRestartOfTheServer()
    try await tellsOfAWrongToken()
    try await bearsGarbage()
  }

  func begin(_ isStrict: Bool = false) async throws -> ChatRun {
    let run = try await ChatRun(kind, settings, chat(), isStrict: isStrict)
    run.begin()
    try await greeted(run)
    try await run.settle()
    return run
  }

  /// The greeting shows that the room is known.
  private func greeted(_ run: ChatRun) async throws {
    try await run.wait("the greeting", turning: 1) {
      await run.host.with { chat, now in chat.welcome(now: now) }
      return await run.host.delivered.contains { $0.kind == .message && $0.room != nil }
    }
  }

  private func tasks(_ run: ChatRun) async throws -> [String] {
    let events = try await run.ledger.events(after: 0, limit: 10_000)
    return events.compactMap { stored -> String? in
      guard case .tasks(.added(_, let title, _, _, _, _, _)) = stored.entry.event else {
        return nil
      }
      return title
    }
  }

  private func posts(_ run: ChatRun, with text: String) async -> [Delivered] {
    await run.host.delivered.filter { $0.kind == .message && $0.text.contains(text) }
  }

  /// A command is applied once and answered once, where it was written.
  func answersOnce() async throws {
    let run = try await begin()
    _ = await run.write("\(prefix)task add renew the certificate")
    try await run.wait("the answer", turning: 1) {
      await !posts(run, with: "renew the certificate").isEmpty
    }
    _ = await run.write("\(prefix)task add second", by: 1)
    try await run.wait("the second answer", turning: 1) {
      await !posts(run, with: "second").isEmpty
    }
    try await run.settle()
    #expect(try await tasks(run) == ["renew the certificate", "second"])
    let answers = await posts(run, with: "renew the certificate")
    #expect(answers.count == 1)
    #expect(answers.first?.room == (await run.host.with { chat, _ in chat.room }))
    try await run.end()
  }

  /// What was written before the bot came is never carried out.
  func leavesHistoryAlone() async throws {
    var old = chat()
    let (room, ana) = (old.room, old.people[0])
    for number in 1...3 {
      _ = old.write(
        "\(prefix)task add old \(number)", by: ana, in: room,
        now: ChatRun.start.adding(seconds: -3600))
    }
    let run = try await ChatRun(kind, settings, old)
    run.begin()
    try await greeted(run)
    _ = await run.write("\(prefix)task add fresh")
    try await run.wait("the answer", turning: 1) { await !posts(run, with: "fresh").isEmpty }
    #expect(try await tasks(run) == ["fresh"])
    try await run.end()
  }

  /// Edits, bots and the bot's own words carry nothing out.
  func ignoresWhatIsNoCommand() async throws {
    let run = try await begin()
    let prefix = prefix
    let plain = await run.write("good morning")
    await run.host.with { chat, now in
      chat.edit(plain, to: "\(prefix)task add by an edit", now: now)
      _ = chat.writeAsBot("\(prefix)task add by a bot", in: chat.room, now: now)
    }
    _ = await run.write("\(prefix)task add real")
    try await run.wait("the answer", turning: 1) { await !posts(run, with: "real").isEmpty }
    #expect(try await tasks(run) == ["real"])
    try await run.end()
  }

  /// In a direct chat a bare command is enough, and the answer stays there.
  func speaksAlone() async throws {
    let run = try await begin()
    _ = await run.write("\(prefix)task add seen by all")
    try await run.wait("the answer", turning: 1) { await !posts(run, with: "seen by all").isEmpty }
    _ = await run.write("mine", direct: true)
    try await run.wait("an answer alone", turning: 1) {
      await run.host.delivered.contains { $0.kind == .message && $0.room == nil }
    }
    let person = await run.host.with { chat, _ in chat.people[0] }
    let alone = await run.host.delivered.filter { $0.room == nil }
    #expect(alone.allSatisfy { $0.person == person })
    try await run.end()
  }

  /// The process dies again and again: state exactly once, posts as the platform's class says.
  func bearsDeath() async throws {
    let run = try await begin()
    for number in 1...12 {
      _ = await run.write("\(prefix)task add death \(number).")
      if number.isMultiple(of: 2) { try await Task.sleep(for: .milliseconds(number)) }
      await run.die()
      run.turn(seconds: 1)
    }
    try await run.wait("all answers", turning: 10) {
      let isQuiet = try await run.isQuiet()
      return try await tasks(run).count == 12 && isQuiet
    }
    #expect(try await tasks(run).sorted() == (1...12).map { "death \($0)." }.sorted())
    for number in 1...12 {
      #expect(await posts(run, with: "death \(number).").count <= 1, "answer \(number)")
    }
    try await run.end()
  }

  /// The answer to a post is lost: at most one copy, and where nothing tells, a word about it.
  func bearsLostAnswers() async throws {
    for lost in [
      FakeHost.Fault.cut, .lost(HTTPResponse(status: 502, body: Data("<html>".utf8))),
    ] {
      let run = try await begin()
      await run.host.plan(lost, where: isPost)
      _ = await run.write("\(prefix)task add in doubt")
      try await run.wait("the state", turning: 1) { try await tasks(run) == ["in doubt"] }
      try await run.wait("its fate", turning: 10) { try await run.isQuiet() }
      #expect(await posts(run, with: "in doubt").count == 1)
      // A call that never left is made again, whatever the platform's class.
      await run.host.plan(.refused, where: isPost)
      _ = await run.write("\(prefix)task add refused at first")
      try await run.wait("the answer", turning: 1) {
        await !posts(run, with: "refused at first").isEmpty
      }
      try await run.settle()
      #expect(await posts(run, with: "refused at first").count == 1)
      if case .never = kind.make(settings).abilities.resend {
        #expect(await !posts(run, with: "could not be confirmed").isEmpty)
      }
      try await run.end()
    }
  }

  /// Too many calls: nothing is lost, and nothing is said twice.
  func bearsLimits() async throws {
    let run = try await begin()
    await run.host.plan(.answer(tooMany), times: 2, where: isPost)
    await run.host.plan(.answer(tooMany), times: 2, where: isPoll)
    _ = await run.write("\(prefix)task add patience")
    try await run.wait("the answer", turning: 1) { await !posts(run, with: "patience").isEmpty }
    try await run.settle()
    #expect(await posts(run, with: "patience").count == 1)
    #expect(try await tasks(run) == ["patience"])
    try await run.end()
  }

  /// Its queues and caches are gone: nothing is missed and nothing done twice.
  func bearsRestartOfTheServer() async throws {
    let run = try await begin()
    _ = await run.write("\(prefix)task add before")
    try await run.wait("the answer", turning: 1) { await !posts(run, with: "before").isEmpty }
    let prefix = prefix
    await run.host.with { chat, now in
      chat.restart()
      for number in 1...3 {
        _ = chat.write(
          "\(prefix)task add gap \(number)", by: chat.people[1], in: chat.room, now: now)
      }
      chat.restart()
    }
    _ = await run.write("\(prefix)task add after")
    try await run.wait("all of them", turning: 1) { try await tasks(run).count >= 5 }
    try await run.settle()
    #expect(try await tasks(run).sorted() == ["after", "before", "gap 1", "gap 2", "gap 3"])
    try await run.end()
  }

  /// Told once, with what to do, and without the token.
  func tellsOfAWrongToken() async throws {
    let run = try await ChatRun(kind, settings, chat())
    await run.host.plan(.answer(unauthorized), times: 1000)
    run.begin()
    try await run.wait("a word") { !run.complaints.isEmpty }
    run.turn(seconds: 60)
    try await Task.sleep(for: .milliseconds(100))
    #expect(run.complaints.count == 1, "\(run.complaints)")
    for secret in settings.secrets.values {
      #expect(!run.complaints.joined().contains(secret.token))
    }
    try await run.end()
  }

  /// A hostile or broken answer is one line and a pause; what follows is read.
  func bearsGarbage() async throws {
    let run = try await begin()
    for body in [
      "", "<html>hotel</html>", "{", "null", "[]", String(repeating: "[", count: 10_000),
      "{\"result\": {\"a\": [1, {\"b\": null}]}}",
    ] {
      let garbage = HTTPResponse(status: 200, body: Data(body.utf8))
      await run.host.plan(.answer(garbage), where: isPoll)
    }
    _ = await run.write("\(prefix)task add behind the garbage")
    try await run.wait("the answer", turning: 30) {
      await !posts(run, with: "behind the garbage").isEmpty
    }
    #expect(try await tasks(run) == ["behind the garbage"])
    #expect(run.complaints.count <= 7)
    try await run.end()
  }
}
