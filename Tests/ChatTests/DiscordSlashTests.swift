import Crew
import Curl
import Fakes
import Foundation
import Platforms
import Testing

@testable import Daemon

@Suite(.serialized) struct `Slash commands of Discord` {
  static let settings: AccountSettings = {
    var settings = AccountSettings(
      account: "discord", texts: ["base_url": "https://discord.com"],
      secrets: ["token_file": Credential(token: DiscordFake.token)], invite: ["*"])
    settings.texts["public_key"] = DiscordFake.publicKey
    return settings
  }()

  static func give(
    _ chat: inout any FakeChat, _ text: String, _ person: Int, _ room: String?, _ now: Instant
  ) -> FakeCall {
    guard var discord = chat as? DiscordFake else { return FakeCall() }
    defer { chat = discord }
    return discord.slash(text, by: discord.people[person], in: room, now: now)
  }

  private var contract: SlashContract {
    SlashContract(
      kind: .discord, settings: Self.settings, chat: { DiscordFake() }, slash: Self.give,
      isAnswer: { $0.path.contains("webhooks") },
      closed: .json(404, ["message": "Unknown Webhook", "code": 10_015]), isRepeatable: true,
      elsewhere: "613425648685549999",
      forged: { call in
        var changed = call
        changed.body.append(0x20)
        var unsigned = call
        unsigned.headers["x-signature-ed25519"] = nil
        var old = call
        old.headers = DiscordFake.signature(of: call.body, at: ChatRun.start.adding(seconds: -3600))
        return [changed, unsigned, old]
      })
  }

  @Test func `they keep what is promised on every platform`() async throws {
    try await contract.run()
  }

  @Test func `the command is made known at the start`() async throws {
    let (run, network) = try await contract.begin()
    try await run.wait("the command") {
      await run.host.with { chat, _ in (chat as? DiscordFake)?.commands == ["crewbell"] }
    }
    try await run.end()
    await (network as? Curl)?.shutdown()
  }

  @Test func `PyNaCl signs what we take, and takes what our fake signs`() async throws {
    let (run, network) = try await contract.begin()
    let call = await contract.give("task add by PyNaCl", run)
    let seed = DiscordFake.seed.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let said = try await Script.run(
      "discord_nacl_slash.py", try await run.address(), seed,
      call.headers["x-signature-timestamp"] ?? "", call.headers["x-signature-ed25519"] ?? "",
      String(decoding: call.body, as: UTF8.self))
    let seen = try #require(JSON(text: said))
    #expect(seen["ours"].bool == true && seen["key"].string == DiscordFake.publicKey)
    #expect(seen["ping"] == ["status": 200, "answer": ["type": 1]])
    #expect(seen["good"] == ["status": 200, "answer": ["type": 5, "data": ["flags": 64]]])
    #expect(seen["again"] == seen["good"])
    #expect(
      seen["refused"] == [
        "changed": 401, "another key": 401, "another time": 401, "old": 401, "ping unsigned": 401,
        "ping with a wrong signature": 401, "doubled": 401, "cut": 401,
      ])
    try await run.wait("the answer", turning: 1) {
      await !contract.posts(run, with: "by PyNaCl").isEmpty
    }
    #expect(try await contract.tasks(run) == ["by PyNaCl"])
    try await run.end()
    await (network as? Curl)?.shutdown()
  }
}
