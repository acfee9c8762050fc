import Crew
import Foundation

/// Slack's slash commands over HTTP
/// (https://docs.slack.dev/interactivity/implementing-slash-commands).
public struct SlackSlash: SlashCommands {
  let slack: Slack
  private let secret: Credential

  /// A `response_url` takes five answers within 30 minutes; the last of them is left as a margin.
  static let lifeSeconds: Int64 = 29 * 60

  public init(_ slack: Slack, secret: Credential) {
    self.slack = slack
    self.secret = secret
  }

  public func hear(_ call: InboundCall, after cursor: Cursor?, now: Instant) -> Heard {
    // Slack looks now and then whether the certificate is right; nothing is done for it.
    if FormFields(call.body)["ssl_check"] == "1" { return .answer(HTTPResponse(status: 200)) }
    if let refusal = refusal(of: call, now) { return refusal }
    if let challenge = JSON(call.body)?["challenge"].string {
      return .answer(HTTPResponse(status: 200, body: Data(challenge.utf8)))
    }
    let form = FormFields(call.body)
    let (user, channel) = (form["user_id"], form["channel_id"])
    guard Slack.isID(user), Slack.isID(channel), !form["trigger_id"].isEmpty else {
      return .refused(status: 400, "it is no slash command: a field is missing")
    }
    let memory = Slack.Memory(cursor)
    guard memory.me != nil else { return .early }
    var message = Message(
      id: "slash:" + Signature.name(of: form["trigger_id"]),
      room: Room(account: slack.settings.account, id: channel),
      // A slash command can be given in any direct chat, also in one of two people.
      isDirect: channel.hasPrefix("D"),
      sender: Identity(account: slack.settings.account, user: user),
      senderName: memory.person(user)?.name ?? form["user_name"],
      senderKind: kind(of: user, team: form["team_id"], memory),
      roomName: memory.channels[channel].flatMap { $0.name.isEmpty ? nil : $0.name }, sentAt: now)
    message.speak(
      form["command"],
      Slack.Body(form["text"], memory, account: slack.settings.account).pieces)
    return .command(
      SlashCommand(
        message: message, way: Credential(token: way(form["response_url"])),
        until: now.adding(seconds: Self.lifeSeconds)))
  }

  /// Nil where Slack has signed it, and lately.
  private func refusal(of call: InboundCall, _ now: Instant) -> Heard? {
    guard let stamp = call.header("x-slack-request-timestamp"),
      let given = call.header("x-slack-signature")
    else { return .refused(status: 401, "a header of the signature is missing or stands twice") }
    guard Signature.time(stamp, now: now) != nil else {
      return .refused(status: 401, "its time is more than five minutes off")
    }
    let signed = Data("v0:\(stamp):".utf8) + call.body
    guard given.hasPrefix("v0="), let bytes = Signature.bytes(ofHex: given.dropFirst(3)),
      !secret.token.isEmpty, Signature.isHMAC(bytes, of: signed, under: secret.token)
    else { return .refused(status: 401, "its signature is wrong") }
    return nil
  }

  private func kind(of user: String, team: String, _ memory: Slack.Memory) -> SenderKind {
    if !memory.team.isEmpty, team != memory.team { return .ghost }
    return memory.person(user)?.kind ?? .person
  }

  /// Signed by Slack, and yet only an address of Slack's is ever written to.
  private func way(_ url: String) -> String {
    let places = [
      "https://hooks.slack.com/", "https://hooks.slack-gov.com/", slack.settings.baseURL + "/",
    ]
    // `..` would lead out of the place that the address begins with.
    let isPlain =
      !url.contains("..") && url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x5C }
    return url.utf8.count <= 1024 && isPlain && places.contains(where: url.hasPrefix) ? url : ""
  }

  // MARK: - Answers

  public func answer(_ reply: SlashReply) -> HTTPResponse {
    switch reply {
    // Empty: nothing is shown, and the answer follows.
    case .taken: HTTPResponse(status: 200)
    case .told(let words):
      .json(["response_type": "ephemeral", "text": .string(SlackText.escaped(words))])
    }
  }

  public func whisper(_ post: Post, by way: Credential, number: Int) -> HTTPRequest {
    var body = slack.content(post)
    body["response_type"] = "ephemeral"
    body["replace_original"] = false
    return HTTPRequest(
      .post, way.token, headers: ["Content-Type": "application/json; charset=utf-8"],
      body: JSON.object(body).data, isRepeatable: false)
  }

  /// The address is used up or too old: `used_url`, `expired_url`.
  public func whispered(_ response: HTTPResponse) -> Whispered {
    switch response.status {
    case 429: .retry(afterSeconds: response.retryAfterSeconds ?? 5)
    case 200...299 where JSON(response.body)?["ok"].bool != false: .sent(id: "")
    case 408, 409, 425, 500...: .unknown
    default: .closed
    }
  }
}

extension HTTPResponse {
  /// What a platform that calls is answered.
  static func json(_ body: JSON) -> HTTPResponse {
    HTTPResponse(status: 200, headers: ["content-type": "application/json"], body: body.data)
  }
}
