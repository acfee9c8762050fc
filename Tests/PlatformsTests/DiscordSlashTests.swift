import Crew
import Crypto
import Foundation
import Testing

@testable import Platforms

@Suite struct `Discord, slash commands` {
  private static let key = Curve25519.Signing.PrivateKey()
  private static let time: Int64 = 1_766_000_000
  private let now = Instant(seconds: time)

  private func slash() throws -> DiscordSlash {
    let key = SlashSigner.hex(Self.key.publicKey.rawRepresentation)
    return try #require(DiscordSlash(DiscordDesk.discord, publicKey: key))
  }

  /// Once Discord has told who we are.
  private func cursor() throws -> Cursor? {
    let response = HTTPResponse(status: 200, body: DiscordDesk.user(DiscordDesk.bell).data)
    return try DiscordDesk.discord.read(response, after: nil).cursor
  }

  private func hear(
    _ json: JSON, _ change: (inout [(name: String, value: String)]) -> Void = { _ in }
  )
    throws -> Heard
  {
    let signature = try Self.key.signature(for: Data("\(Self.time)".utf8) + json.data)
    var headers: [(name: String, value: String)] = [
      ("X-Signature-Timestamp", "\(Self.time)"),
      ("X-Signature-Ed25519", SlashSigner.hex(signature)),
    ]
    change(&headers)
    let call = InboundCall(method: "POST", headers: headers, body: json.data)
    return try slash().hear(call, after: try cursor(), now: now)
  }

  private func interaction(_ text: String, _ more: [String: JSON] = [:]) -> JSON {
    let own: [String: JSON] = [
      "id": "900", "application_id": "1001", "type": 2, "token": "tok-CANARY", "guild_id": "7",
      "channel_id": "51", "channel": ["id": "51", "type": 0],
      "member": ["user": DiscordDesk.user(DiscordDesk.ana), "nick": "Annie"],
      "data": [
        "id": "1", "name": "crewbell", "type": 1,
        "options": [["name": "command", "type": 3, "value": .string(text)]],
        "resolved": ["users": ["2002": DiscordDesk.user(DiscordDesk.ben)]],
      ],
    ]
    return .object(own.merging(more) { $1 })
  }

  private func message(_ json: JSON) throws -> Message? {
    if case .command(let command) = try hear(json) { command.message } else { nil }
  }

  /// RFC 8032, section 7.1, test 3.
  @Test func `a signature is checked as the standard says`() throws {
    func bytes(_ hex: String) throws -> [UInt8] { try #require(Signature.bytes(ofHex: hex)) }
    let key = try bytes("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
    let signature = try bytes(
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")
    #expect(Signature.isEd25519(signature, of: Data([0xAF, 0x82]), by: key))
    #expect(!Signature.isEd25519(signature, of: Data([0xAF, 0x83]), by: key))
    for place in signature.indices {
      var changed = signature
      changed[place] ^= 1
      #expect(!Signature.isEd25519(changed, of: Data([0xAF, 0x82]), by: key), "byte \(place)")
    }
    #expect(!Signature.isEd25519([], of: Data(), by: key))
    #expect(!Signature.isEd25519(signature, of: Data([0xAF, 0x82]), by: []))
    #expect(DiscordSlash(DiscordDesk.discord, publicKey: "") == nil)
    #expect(DiscordSlash(DiscordDesk.discord, publicKey: "zz") == nil)
  }

  @Test func `a PING is answered, and only a signed one`() throws {
    #expect(try hear(["type": 1]) == .answer(.json(["type": 1])))
    let changes: [(inout [(name: String, value: String)]) -> Void] = [
      { $0.removeLast() }, { $0.removeFirst() }, { $0.append($0[1]) }, { $0.append($0[0]) },
      { $0[1].value = "00" }, { $0[1].value = String($0[1].value.dropLast()) },
      { $0[1].value = "" }, { $0[0].value = "1766000001" }, { $0[0].value = "" },
    ]
    for (number, change) in changes.enumerated() {
      guard case .refused(401, _) = try hear(["type": 1], change) else {
        Issue.record("change \(number) was taken")
        continue
      }
    }
  }

  @Test func `what was typed is read as a message would be`() throws {
    let read = try #require(try message(interaction("kudos <@2002> for <b> & it")))
    #expect(
      read.body == [
        .text("kudos "), .mention(Identity(account: "discord", user: "2002"), shown: "@Ben"),
        .text(" for <b> & it"),
      ])
    #expect(read.id == "slash:900" && read.room == Room(account: "discord", id: "51"))
    #expect(read.sender.user == DiscordDesk.ana && read.senderName == "Annie")
    #expect(!read.isDirect && read.mentionsBot && read.thread == nil)
    #expect(try message(interaction(""))?.body == [.text("help")])
    let thread: JSON = ["id": "51", "type": 11, "parent_id": "50"]
    let inside = try message(interaction("mine", ["channel": thread]))
    #expect(inside?.room.id == "50" && inside?.thread == "51")
    let alone = try message(
      interaction(
        "mine", ["guild_id": .null, "member": .null, "user": DiscordDesk.user(DiscordDesk.ben)]))
    #expect(alone?.isDirect == true && alone?.sender.user == DiscordDesk.ben)
    let sub: JSON = [
      "name": "task", "type": 1,
      "options": [["type": 1, "name": "add", "options": [["type": 3, "value": "renew"]]]],
    ]
    #expect(
      try message(interaction("", ["data": sub]))?.body == [.text("/task "), .text("add renew")])
  }

  @Test func `what is signed and still no command is refused`() throws {
    for json: JSON in [
      .null, [], ["type": 3], ["type": 2], interaction("x", ["id": "x"]),
      interaction("x", ["channel_id": "../1"]), interaction("x", ["member": .null]),
      interaction("x", ["data": ["type": 2, "name": "user menu"]]), interaction("x", ["type": 4]),
    ] {
      guard case .refused(400, _) = try hear(json) else {
        Issue.record("\(json.text) was taken")
        continue
      }
    }
  }

  @Test func `the first answer takes the place of what was promised, others follow`() throws {
    let slash = try slash()
    guard case .command(let command) = try hear(interaction("mine")) else {
      Issue.record("it was refused")
      return
    }
    #expect(command.until == now.adding(seconds: 14 * 60) && !"\(command)".contains("CANARY"))
    let first = slash.whisper(Post(text: "a @everyone"), by: command.way, number: 0)
    #expect(first.method == .patch && first.isRepeatable)
    #expect(
      first.url == "https://discord.com/api/v10/webhooks/1001/tok-CANARY/messages/@original")
    let second = slash.whisper(Post(text: "b"), by: command.way, number: 1)
    #expect(second.method == .post && !second.isRepeatable)
    #expect(second.url == "https://discord.com/api/v10/webhooks/1001/tok-CANARY")
    for request in [first, second] {
      let json = JSON(request.body ?? Data()) ?? .null
      #expect(json["allowed_mentions"]["parse"].array == [])
      #expect(request.headers["Authorization"] == nil)
      #expect(request.headers["User-Agent"]?.hasPrefix("DiscordBot (") == true)
      #expect(!"\(request)".contains("CANARY"))
    }
    #expect(JSON(second.body ?? Data())?["flags"].integer == 68)
    let odd = interaction("x", ["token": "../../channels/1/messages"])
    guard case .command(let wrong) = try hear(odd) else { return }
    #expect(wrong.way == Credential(token: ""))
  }

  @Test func `the command is registered for the application of the token`() throws {
    let made = try slash().register(with: DiscordDesk.credential)
    #expect(made.map(\.url) == ["https://discord.com/api/v10/applications/123/commands"])
    #expect(try slash().register(with: Credential(token: "x")).isEmpty)
    #expect(try slash().register(with: Credential(token: "")).isEmpty)
  }
}
