import Crew
import Foundation

/// Mattermost's custom slash commands
/// (https://developers.mattermost.com/integrate/slash-commands/custom). A call carries no signature
/// and no time, only the token of the command; so the way to here must be a private one or TLS, and
/// a repeated call is known by its `trigger_id` alone.
public struct MattermostSlash: SlashCommands {
  let mattermost: Mattermost
  private let tokens: [Credential]

  /// `model.CommandWebhookLifetime`: five answers within 30 minutes; a minute is left as a margin.
  static let lifeSeconds: Int64 = 29 * 60

  /// - Parameter tokens: one for each team that has the command, with spaces between.
  public init(_ mattermost: Mattermost, tokens: Credential) {
    self.mattermost = mattermost
    self.tokens = tokens.token.split(separator: " ").map { Credential(token: String($0)) }
  }

  public func hear(_ call: InboundCall, after cursor: Cursor?, now: Instant) -> Heard {
    let form = FormFields(call.body)
    guard isKnown(form.all("token")) else {
      return .refused(status: 401, "it does not show the token of the command")
    }
    let (user, channel) = (form["user_id"], form["channel_id"])
    guard Mattermost.isID(user), Mattermost.isID(channel), !form["trigger_id"].isEmpty else {
      return .refused(status: 400, "it is no slash command: a field is missing")
    }
    var memory = Mattermost.Memory(cursor)
    guard memory.me != nil else { return .early }
    let account = mattermost.settings.account
    let person = memory.person(user)
    let known = memory.channels[channel]
    // Whom the server found in the text, by name and id.
    for (name, id) in zip(form.all("user_mentions"), form.all("user_mentions_ids"))
    where Mattermost.isID(id) && memory.person(id) == nil {
      memory.learn(.init(id: id, username: name, name: name, kind: .person))
    }
    let root = form["root_id"]
    var message = Message(
      id: "slash:" + Signature.name(of: form["trigger_id"]),
      room: Room(account: account, id: channel),
      isDirect: known?.type == "D" || Self.isDirect(form["channel_name"]),
      sender: Identity(account: account, user: user), senderName: person?.name ?? form["user_name"],
      senderKind: person?.kind ?? .person, thread: Mattermost.isID(root) ? root : nil, sentAt: now)
    message.speak(
      form["command"], Mattermost.Body(form["text"], memory, account: account).pieces)
    return .command(
      SlashCommand(
        message: message, way: Credential(token: way(form["response_url"])),
        until: now.adding(seconds: Self.lifeSeconds)))
  }

  /// A direct chat is named after its two people, whether or not we are one of them.
  private static func isDirect(_ name: String) -> Bool {
    let people = name.components(separatedBy: "__")
    return people.count == 2 && people.allSatisfy(Mattermost.isID)
  }

  /// Every token is compared, whichever was right.
  private func isKnown(_ given: [String]) -> Bool {
    guard given.count == 1 else { return false }
    return tokens.reduce(false) { Signature.isEqual($1.token, given[0]) || $0 }
  }

  /// Only the last part is taken over: what is written to is the server of the config, however the
  /// call spells its address.
  private func way(_ url: String) -> String {
    guard let mark = url.range(of: "/hooks/commands/") else { return "" }
    let id = String(url[mark.upperBound...])
    return Mattermost.isID(id) ? id : ""
  }

  // MARK: - Answers

  public func answer(_ reply: SlashReply) -> HTTPResponse {
    // Without words nothing is shown (`CreateCommandPost`).
    let words: String = if case .told(let words) = reply { words } else { "" }
    return .json(body(words))
  }

  private func body(_ text: String) -> JSON {
    ["response_type": "ephemeral", "text": .string(text), "skip_slack_parsing": true]
  }

  public func whisper(_ post: Post, by way: Credential, number: Int) -> HTTPRequest {
    let server = mattermost.settings.server
    let base = server.hasSuffix("/") ? String(server.dropLast()) : server
    return HTTPRequest(
      .post, base + "/hooks/commands/" + Percent.encoded(way.token),
      headers: ["Content-Type": "application/json"],
      body: body(mattermost.text(of: post, Mattermost.Way())).data, isRepeatable: false)
  }

  /// `HandleCommandWebhook` of the server (`app/command.go`): an unknown or old way is 404
  /// (`app.command_webhook.get.missing`), one with five answers 400 (`…try_use.invalid`), an answer
  /// that it cannot read 400, all before anything is shown; whatever fails from there on is 500.
  public func whispered(_ response: HTTPResponse) -> Whispered {
    switch response.status {
    case 429: .retry(afterSeconds: response.retryAfterSeconds ?? 5)
    case 200...299: .sent(id: "")
    case 408, 409, 425, 500...: .unknown
    default: .closed
    }
  }
}
