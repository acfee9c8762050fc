import Crew
import Curl
import Fakes
import Foundation
import Platforms
import Testing

@testable import Daemon

@Suite(.serialized) struct `Slash commands of Slack` {
  static let settings: AccountSettings = {
    var settings = SlackTests.settings
    settings.secrets["signing_secret_file"] = Credential(token: SlackFake.signingSecret)
    return settings
  }()

  static func give(
    _ chat: inout any FakeChat, _ text: String, _ person: Int, _ room: String?, _ now: Instant
  ) -> FakeCall {
    guard var slack = chat as? SlackFake else { return FakeCall() }
    defer { chat = slack }
    return slack.slash(text, by: slack.people[person], in: room, now: now)
  }

  private var contract: SlashContract {
    SlashContract(
      kind: .slack, settings: Self.settings, chat: { SlackFake() }, slash: Self.give,
      isAnswer: { $0.path.first == "commands" },
      closed: .json(404, ["ok": false, "error": "used_url"]), elsewhere: "C0ELSEWHERE",
      forged: { call in
        var changed = call
        changed.body = Data(String(decoding: call.body, as: UTF8.self).utf8.reversed())
        var unsigned = call
        unsigned.headers["x-slack-signature"] = nil
        var old = call
        old.headers = SlackFake.signature(of: call.body, at: ChatRun.start.adding(seconds: -3600))
        return [changed, unsigned, old]
      })
  }

  @Test func `they keep what is promised on every platform`() async throws {
    try await contract.run()
  }

  @Test func `the SDK from PyPI signs what we take, and answers where we answer`() async throws {
    let (run, network) = try await contract.begin()
    let base = try await run.host.start()
    let call = await run.host.with { chat, now in
      guard var slack = chat as? SlackFake else { return FakeCall() }
      defer { chat = slack }
      return slack.slash("task add by the SDK", by: slack.people[0], now: now, base: base)
    }
    let said = try await Script.run(
      "slack_sdk_slash.py", try await run.address(), SlackFake.signingSecret,
      String(run.clock.now().seconds), String(decoding: call.body, as: UTF8.self))
    let seen = try #require(JSON(text: said))
    #expect(seen["ours"].bool == true, "its verifier does not take what our fake signs")
    #expect(
      seen["statuses"] == [
        "good": 200, "again": 200, "changed": 401, "old": 401, "wrong secret": 401, "unsigned": 401,
        "doubled": 401,
      ])
    try await run.wait("the answer", turning: 1) {
      await !contract.posts(run, with: "by the SDK").isEmpty
    }
    #expect(try await contract.tasks(run) == ["by the SDK"])
    #expect(seen["hook"].integer == 200 && seen["hook body"].string == "ok")
    #expect(await contract.posts(run, with: "from the webhook client").map(\.isEphemeral) == [true])
    await run.host.stop()
    try await run.end()
    await (network as? Curl)?.shutdown()
  }

  @Test func `a thousand connections that say nothing, and garbage, leave it alive`() async throws {
    let (run, network) = try await contract.begin()
    let given = await contract.give("task add called", run)
    let headers = JSON.object(given.headers.mapValues(JSON.string)).text
    // The call comes while they are held.
    let said = try await Script.run(
      "listener_abuse.py", try await run.address(), headers,
      String(decoding: given.body, as: UTF8.self))
    let seen = try #require(JSON(text: said))
    #expect(seen["silent"].integer == 1000 && seen["status"].integer == 200, "\(said)")
    #expect(seen["taken"] == [] && seen["shown out"].integer ?? 0 >= 700, "\(said)")
    _ = await run.write("!task add polled")
    try await run.wait("both", turning: 1) { try await contract.tasks(run).count == 2 }
    #expect(try await contract.tasks(run).sorted() == ["called", "polled"])
    try await run.end()
    await (network as? Curl)?.shutdown()
  }
}

@Suite(.serialized) struct `The listener's end` {
  /// A server over another part of NIO traps here.
  @Test func `stopped while many connect, it ends in good order, again and again`() async throws {
    let run = try await ChatRun(
      .slack, `Slash commands of Slack`.settings, SlackFake(), listens: true)
    for _ in 1...20 {
      run.begin()
      let address = try await run.address()
      let network = try Curl()
      await withTaskGroup(of: Void.self) { group in
        for _ in 1...40 {
          group.addTask { _ = try? await network.perform(HTTPRequest(.get, address)) }
        }
        group.addTask { try? await run.end() }
      }
      await network.shutdown()
    }
    run.begin()
    let network = try Curl()
    let answer = try await network.perform(HTTPRequest(.get, try await run.address()))
    #expect(answer.status == 200)
    try await run.end()
    await network.shutdown()
  }
}

@Suite(.serialized) struct `The doctor and the listener` {
  @Test func `it tells whether the listener can be called, here and from outside`() async throws {
    let run = try await ChatRun(
      .slack, `Slash commands of Slack`.settings, SlackFake(), listens: true)
    run.begin()
    let address = try #require(URL(string: try await run.address()))
    let network = try Curl()
    let doctor = Doctor(network: network, clock: run.clock)
    let port = try #require(address.port)
    /// Each look may take 10 s, and on a machine that is busy with other tests more than one.
    func expect(_ outside: String?, _ right: String...) async {
      var found: [String] = []
      var isRight: Bool {
        found.count == right.count && zip(found, right).allSatisfy { $0.hasPrefix($1) }
      }
      for _ in 1...20 where !isRight {
        found = await doctor.examine(
          ListenerSettings(port: port, address: outside), [run.account]
        ).map { ($0.isWell ? "✓ " : "✗ ") + $0.line.replacing(String(port), with: "PORT") }
      }
      #expect(isRight, "\(found)")
    }
    let well = "✓ slack: slash commands are listened for at http://127.0.0.1:PORT/slack"
    await expect(nil, well)
    await expect(
      "http://127.0.0.1:\(port)", well, "✓ slack: http://127.0.0.1:PORT/slack leads there")
    await expect(
      "http://127.0.0.1:\(port)/elsewhere", well,
      "✗ slack: http://127.0.0.1:PORT/elsewhere/slack does not lead there")
    try await run.end()
    await expect("http://127.0.0.1:\(port)", "✗ slack: nothing listens at")
    await expect(nil, "✗ slack: nothing listens at")
    #expect(await doctor.examine(nil, [run.account]).isEmpty)
    await network.shutdown()
  }
}
