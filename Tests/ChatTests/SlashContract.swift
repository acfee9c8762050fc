import Crew
import Curl
import Fakes
import Foundation
import Ledger
import Platforms
import Testing

@testable import Daemon

/// What native slash commands promise on every platform that has them, shown by the whole daemon
/// with its listener on a port and the platform's fake: written once.
struct SlashContract {
  let kind: PlatformKind
  let settings: AccountSettings
  let chat: @Sendable () -> any FakeChat
  /// Somebody gives a command; nil for the room in which the team is.
  let slash:
    @Sendable (_ chat: inout any FakeChat, _ text: String, _ person: Int, _ room: String?, Instant)
      -> FakeCall
  /// Whether a call of ours shows an answer to one person.
  let isAnswer: @Sendable (FakeRequest) -> Bool
  /// How the platform says that this way is closed.
  let closed: HTTPResponse
  /// Showing an answer once more shows it once.
  var isRepeatable = false
  /// A room of the platform in which the bot is not.
  let elsewhere: String
  /// How a call that nobody signed, or signed for another body, is answered.
  let forged: @Sendable (FakeCall) -> [FakeCall]

  func run() async throws {
    try await answersOnceAndAlone()
    try await answersAfterDeath()
    try await goesDirectAfterItsTime()
    try await goesDirectWhereItIsClosed()
    try await tellsOfADoubt()
    try await isNotShownTwiceAfterDeath()
    try await refusesForgeries()
    try await answersWhoeverAsks()
  }

  func begin() async throws -> (ChatRun, any Network) {
    let run = try await ChatRun(kind, settings, chat(), listens: true)
    run.begin()
    try await run.wait("the greeting", turning: 1) {
      await run.host.with { chat, now in chat.welcome(now: now) }
      return await run.host.delivered.contains { $0.kind == .message && $0.room != nil }
    }
    try await run.settle()
    return (run, try Curl())
  }

  func give(
    _ text: String, by person: Int = 0, in room: String? = nil, _ run: ChatRun
  ) async -> FakeCall {
    await run.host.with { chat, now in slash(&chat, text, person, room, now) }
  }

  func call(_ call: FakeCall, _ run: ChatRun, _ network: any Network) async throws -> HTTPResponse {
    let request = HTTPRequest(
      .post, try await run.address(), headers: call.headers, body: call.body)
    // On a busy machine five seconds may not do, and then a call is ended without an answer.
    for _ in 1...11 {
      if let answer = try? await network.perform(request) { return answer }
    }
    return try await network.perform(request)
  }

  func tasks(_ run: ChatRun) async throws -> [String] {
    try await run.ledger.events(after: 0, limit: 10_000).compactMap { stored -> String? in
      guard case .tasks(.added(_, let title, _, _, _, _, _)) = stored.entry.event else {
        return nil
      }
      return title
    }
  }

  func posts(_ run: ChatRun, with text: String) async -> [Delivered] {
    await run.host.delivered.filter { $0.kind == .message && $0.text.contains(text) }
  }

  private func wait(_ run: ChatRun, for text: String, turning seconds: Int64 = 1) async throws {
    try await run.wait("an answer with \(text)", turning: seconds) {
      await !posts(run, with: text).isEmpty
    }
  }

  /// One command, one event, one answer that only its giver sees; the same call again is known, and
  /// what is polled brings it no second time.
  func answersOnceAndAlone() async throws {
    let (run, network) = try await begin()
    let given = await give("task add renew the certificate", run)
    for _ in 1...3 {
      #expect(try await call(given, run, network).status == 200)
      try await wait(run, for: "renew the certificate")
      // What makes it known is the platform's own id, whenever it comes again.
      run.turn(seconds: 1)
    }
    _ = await run.write("!task add by a message")
    try await wait(run, for: "by a message")
    try await run.settle()
    #expect(try await tasks(run) == ["renew the certificate", "by a message"])
    let answers = await posts(run, with: "renew the certificate")
    let (room, ana) = await run.host.with { chat, _ in (chat.room, chat.people[0]) }
    #expect(answers.count == 1)
    #expect(answers[0].isEphemeral && answers[0].room == room && answers[0].person == ana)
    #expect(await posts(run, with: "by a message").map(\.isEphemeral) == [false])
    try await run.end()
    await (network as? Curl)?.shutdown()
  }

  /// Stored, and then the process dies before anybody answers.
  func answersAfterDeath() async throws {
    let (run, _) = try await begin()
    try await run.end()
    let given = await give("task add before the end", run)
    let heard = await run.account.answered(given, by: try run.ear())
    #expect(heard.status == 200)
    // What can be written with stands nowhere in the clear.
    let waiting = try await run.ledger.waiting(limit: 10).map(\.message)
    let stored = String(decoding: try JSONEncoder().encode(waiting), as: UTF8.self)
    #expect(waiting.count == 1 && !stored.contains("secret"))
    #expect(await posts(run, with: "before the end").isEmpty)
    await run.die()
    try await wait(run, for: "before the end")
    try await run.settle()
    #expect(await posts(run, with: "before the end").map(\.isEphemeral) == [true])
    #expect(try await tasks(run) == ["before the end"])
    #expect(!run.complaints.joined().contains("secret"))
    try await run.end()
  }

  func goesDirectAfterItsTime() async throws {
    let (run, _) = try await begin()
    try await run.end()
    let given = await give("task add late", run)
    #expect(await run.account.answered(given, by: try run.ear()).status == 200)
    run.turn(seconds: 1800)
    await run.die()
    try await wait(run, for: "late")
    try await run.settle()
    let answers = await posts(run, with: "late")
    #expect(answers.count == 1 && answers[0].room == nil)
    #expect(await !run.host.requests.contains(where: isAnswer), "the way was tried after its time")
    #expect(try await tasks(run) == ["late"])
    try await run.end()
  }

  func goesDirectWhereItIsClosed() async throws {
    let (run, network) = try await begin()
    await run.host.plan(.answer(closed), where: isAnswer)
    #expect(try await call(await give("task add shut", run), run, network).status == 200)
    try await wait(run, for: "shut")
    try await run.settle()
    let answers = await posts(run, with: "shut")
    #expect(answers.count == 1 && answers[0].room == nil)
    // What never left is tried again.
    await run.host.plan(.refused, where: isAnswer)
    #expect(try await call(await give("task add again", run), run, network).status == 200)
    try await wait(run, for: "again", turning: 10)
    try await run.settle()
    #expect(await posts(run, with: "again").map(\.isEphemeral) == [true])
    try await run.end()
    await (network as? Curl)?.shutdown()
  }

  /// Nobody can tell whether it was shown: never twice, and the next answer tells of it.
  func tellsOfADoubt() async throws {
    let (run, network) = try await begin()
    await run.host.plan(.cut, where: isAnswer)
    #expect(try await call(await give("task add doubted", run), run, network).status == 200)
    try await run.wait("its fate", turning: 10) {
      let isQuiet = try await run.isQuiet()
      return try await tasks(run) == ["doubted"] && isQuiet
    }
    #expect(await posts(run, with: "doubted").count <= (isRepeatable ? 2 : 1))
    #expect(try await call(await give("task add next", run), run, network).status == 200)
    try await wait(run, for: "next")
    let told = await !posts(run, with: "could not be confirmed").isEmpty
    #expect(told == !isRepeatable)
    try await run.end()
    await (network as? Curl)?.shutdown()
  }

  /// Killed between the claim and its word: it may have been shown.
  func isNotShownTwiceAfterDeath() async throws {
    let (run, network) = try await begin()
    await run.host.plan(.refused, where: isAnswer)
    #expect(try await call(await give("task add in flight", run), run, network).status == 200)
    try await run.wait("the first try") { await run.host.requests.contains(where: isAnswer) }
    try await run.wait("it to be put back") {
      let counts = try await run.ledger.counts()
      return counts.queued == 1 && counts.sending == 0
    }
    try await run.end()
    run.turn(seconds: 60)
    let claimed = try await run.ledger.claim(
      accounts: [run.account.name], limit: 9, now: run.clock.now())
    #expect(claimed.count == 1)
    await run.die()
    try await run.wait("its fate", turning: 1) { try await run.isQuiet() }
    #expect(await posts(run, with: "in flight").count == (isRepeatable ? 1 : 0))
    #expect(try await call(await give("task add next", run), run, network).status == 200)
    try await wait(run, for: "next")
    let told = await !posts(run, with: "could not be confirmed").isEmpty
    #expect(told == !isRepeatable)
    try await run.end()
    await (network as? Curl)?.shutdown()
  }

  func refusesForgeries() async throws {
    let (run, network) = try await begin()
    let given = await give("task add forged", run)
    for forgery in forged(given) {
      let status = try await call(forgery, run, network).status
      #expect((400...499).contains(status), "\(status)")
    }
    let address = try await run.address()
    for (method, path, status) in [
      (HTTPRequest.Method.get, "", 200), (.put, "", 405), (.post, "x", 404), (.post, "/x", 404),
    ] {
      let request = HTTPRequest(method, address + path, headers: given.headers, body: given.body)
      #expect(try await network.perform(request).status == status, "\(method) \(path)")
    }
    let huge = HTTPRequest(
      .post, address, headers: given.headers, body: Data(count: InboundCall.bodyBytesMax + 1))
    #expect(try await network.perform(huge).status == 413)
    try await run.settle()
    #expect(try await tasks(run).isEmpty)
    // Told once a minute, however many they are.
    #expect(run.complaints.count(where: { $0.contains("a call was refused") }) <= 2)
    // And the honest one is taken after them.
    #expect(try await call(given, run, network).status == 200)
    try await wait(run, for: "forged")
    try await run.end()
    await (network as? Curl)?.shutdown()
  }

  /// Silence would look like a fault: nobody else sees the question. Thanks are for all to see.
  func answersWhoeverAsks() async throws {
    let (run, network) = try await begin()
    #expect(try await call(await give("no such thing", run), run, network).status == 200)
    try await wait(run, for: "I don't know that one")
    let stranger = await give("task add elsewhere", by: 1, in: elsewhere, run)
    #expect(try await call(stranger, run, network).status == 200)
    try await wait(run, for: "I only work for my teams")
    #expect(await run.host.delivered.suffix(2).allSatisfy(\.isEphemeral))
    _ = await run.write("!help", by: 1)
    try await wait(run, for: "help all")
    #expect(try await call(await give("kudos @Ben for it", run), run, network).status == 200)
    try await wait(run, for: "+1: it")
    try await wait(run, for: "you have 4 left")
    try await run.settle()
    #expect(await posts(run, with: "+1: it").map(\.isEphemeral) == [false])
    #expect(await posts(run, with: "you have 4 left").map(\.isEphemeral) == [true])
    #expect(try await tasks(run).isEmpty)
    try await run.end()
    await (network as? Curl)?.shutdown()
  }
}

extension Account {
  /// The call as it comes to the ear.
  func answered(_ call: FakeCall, by ear: Ear) async -> HTTPResponse {
    await ear.answer(
      "/" + name,
      InboundCall(
        method: "POST", headers: call.headers.map { ($0.key, $0.value) }, body: call.body))
  }
}
