import Crew
import Fakes
import Foundation
import Platforms

/// What a platform calls us with, as it comes: headers and body through `hear`. Nobody guesses a
/// signature, so most inputs are signed here, and the others must never be taken.
struct HearFuzz {
  private struct Ear {
    var kind: PlatformKind
    var slash: any SlashCommands
    /// Nil: nothing was ever read of the account.
    var cursors: [Cursor?]
    /// Where an answer may go.
    var places: [String]
    var lifeSeconds: Int64
  }

  private static let now = Instant(seconds: 1_766_000_000)
  private static let seal = Seal(key: Data(repeating: 7, count: Seal.keyBytes))
  /// Ends the headers of an input that is not signed here.
  private static let separator: UInt8 = 0x1E

  private static let ears: [Ear] = [
    ear(
      .slack, "signing_secret_file", SlackFake.signingSecret,
      ["https://hooks.slack.com/", "https://hooks.slack-gov.com/", "https://slack.com/"], 29),
    ear(
      .mattermost, "slash_token_file", MattermostFake.slashToken,
      ["https://chat.example.org/hooks/commands/"], 29),
    ear(
      .discord, "public_key", DiscordFake.publicKey, ["https://discord.com/api/v10/webhooks/"], 14),
  ].compactMap { $0 }

  private static func ear(
    _ kind: PlatformKind, _ name: String, _ value: String, _ places: [String], _ minutes: Int64
  ) -> Ear? {
    let script = TestedPlatform.all.first { $0.kind.name == kind.name }?.script
    var settings = script?.settings ?? kind.sample
    settings.secrets[name] = Credential(token: value)
    settings.texts[name] = value
    return kind.slash?.make(settings).map {
      Ear(
        kind: kind, slash: $0, cursors: PlatformFuzz(kind).cursors, places: places,
        lifeSeconds: minutes * 60)
    }
  }

  /// The first byte chooses the platform and whether the call is signed, the second where the
  /// account stands. Then the body; where it is not signed, headers a line each come before it.
  static func run(_ bytes: [UInt8]) throws {
    var choices = Choices(bytes)
    let choice = Int(choices.byte())
    let ear = ears[choice % ears.count]
    let isSigned = choice / ears.count % 4 != 0
    let cursor = ear.cursors[Int(choices.byte()) % ear.cursors.count]
    let call = isSigned ? signed(Data(choices.rest), ear) : bare(choices.rest)
    let heard = Meter.product { ear.slash.hear(call, after: cursor, now: now) }
    switch heard {
    case .command(let command):
      try check(command, ear)
      guard isSigned || ear.kind.name == "mattermost" else { throw Harm("taken unsigned") }
    case .answer(let response):
      // Slack's look at the certificate is not signed, and answered with nothing at all.
      let isNothing = response.status == 200 && response.body.isEmpty
      guard isSigned || isNothing else { throw Harm("answered unsigned") }
    case .early:
      guard cursor == nil || isSigned || ear.kind.name == "mattermost" else {
        throw Harm("known unsigned")
      }
    case .refused(let status, let why):
      guard [400, 401].contains(status), !why.isEmpty, why.count < 100,
        !why.contains(where: \.isNewline)
      else { throw Harm("refused with \(status) \(why.debugDescription)") }
    }
    try answer(Data(choices.rest), choice, ear)
  }

  private static func bare(_ bytes: ArraySlice<UInt8>) -> InboundCall {
    let parts = bytes.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
    let lines = String(decoding: parts[0], as: UTF8.self).split(separator: "\n")
    let headers = lines.map { line -> (name: String, value: String) in
      let pair = line.split(separator: ":", maxSplits: 1).map { $0.drop { $0 == " " } }
      return (String(pair.first ?? ""), String(pair.dropFirst().first ?? ""))
    }
    return InboundCall(method: "POST", headers: headers, body: Data(parts.dropFirst().first ?? []))
  }

  private static func signed(_ body: Data, _ ear: Ear) -> InboundCall {
    let headers: [String: String]
    switch ear.kind.name {
    case "slack": headers = SlackFake.signature(of: body, at: now)
    case "discord": headers = DiscordFake.signature(of: body, at: now)
    default:
      let token = Data("token=\(MattermostFake.slashToken)&".utf8)
      return InboundCall(method: "POST", headers: [], body: token + body)
    }
    return InboundCall(
      method: "POST", headers: headers.map { ($0.key, $0.value) }, body: body)
  }

  private static func check(_ command: SlashCommand, _ ear: Ear) throws {
    let message = command.message
    guard message.id.hasPrefix("slash:"), message.id.utf8.count <= 128, !message.room.id.isEmpty,
      !message.sender.user.isEmpty
    else { throw Harm("\(message.id.debugDescription) of \(message.sender)") }
    guard command.until == now.adding(seconds: ear.lifeSeconds), message.sentAt == now else {
      throw Harm("good until \(command.until)")
    }
    let way = command.way
    // Short ones stand in any text by chance.
    if way.token.utf8.count >= 12, "\(command)".contains(way.token) { throw Harm("the way shows") }
    guard !way.token.isEmpty else { return }
    if let sealed = seal?.close(way, for: "fuzz"), seal?.open(sealed, for: "fuzz") != way {
      throw Harm("what was sealed does not open")
    }
    for number in 0...1 {
      let request = Meter.product {
        ear.slash.whisper(Post(text: Markup("done")), by: way, number: number)
      }
      guard ear.places.contains(where: request.url.hasPrefix),
        request.url.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }), !request.url.contains("/../")
      else { throw Harm("writes to \(request.url.debugDescription)") }
      guard request.headers["Authorization"] == nil else { throw Harm("shows our token") }
    }
  }

  /// The same bytes as what an answer is answered with.
  private static func answer(_ body: Data, _ choice: Int, _ ear: Ear) throws {
    let statuses = [200, 204, 400, 401, 404, 408, 429, 500, 302]
    let response = HTTPResponse(status: statuses[choice % statuses.count], body: body)
    let became = Meter.product { ear.slash.whispered(response) }
    if case .retry(let wish) = became, !(0...3600).contains(wish) { throw Harm("waits \(wish)") }
  }

  // MARK: - Seeds

  /// Each with the byte that has it signed for its platform.
  static let seeds: [[UInt8]] = [
    (3, slackForm), (4, mattermostForm), (5, discordJSON), (5, #"{"type":1}"#),
    (3, #"{"type":"url_verification","challenge":"c"}"#), (0, "\u{1E}ssl_check=1"),
    (0, "x-slack-request-timestamp: 1766000000\nx-slack-signature: v0=00\u{1E}" + slackForm),
    (1, "\u{1E}token=\(MattermostFake.slashToken)&" + mattermostForm),
    (2, "x-signature-timestamp: 1766000000\nx-signature-ed25519: 00\u{1E}" + discordJSON),
  ].flatMap { choice, text in
    // In the first state nobody is known; in the last everybody.
    [UInt8(0), 3].map { state in [UInt8(choice), state] + Array(text.utf8) }
  }

  private static let slackForm =
    "team_id=T1&channel_id=C1&user_id=UANA&user_name=ana&command=%2Fcrewbell&trigger_id=1.2.3"
    + "&text=kudos+%3C%40UBEN%7Cben%3E+for+a+%26amp%3B+b"
    + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1%2F1%2Fabcdefghijkl"

  private static let mattermostForm =
    "channel_id=room0000000000000000000000&channel_name=desk&command=%2Fcrewbell&text=kudos+%40ben"
    + "&user_id=ana00000000000000000000000&user_name=ana&trigger_id=a%3Ab%3D&user_mentions=ben"
    + "&user_mentions_ids=ben00000000000000000000000"
    + "&response_url=https%3A%2F%2Fchat%2Fhooks%2Fcommands%2Fhook0000000000000000000000"

  private static let discordJSON =
    #"{"id":"900","application_id":"1001","type":2,"token":"tok-abcdefghijkl","guild_id":"7","#
    + #""channel_id":"51","channel":{"id":"51","type":11,"parent_id":"50"},"#
    + #""member":{"user":{"id":"2001","username":"ana"},"nick":"Annie"},"data":{"type":1,"#
    + #""name":"crewbell","options":[{"name":"command","type":3,"value":"kudos <@2002> x"}],"#
    + #""resolved":{"users":{"2002":{"id":"2002","username":"ben"}}}}}"#
}
