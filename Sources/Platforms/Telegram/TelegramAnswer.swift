import Crew
import Foundation

extension Telegram {
  /// `{"ok":false,"error_code":…,"description":…,"parameters":…}`, as far as it can be read.
  struct Fault {
    var code: Int?
    var description: String?
    var retryAfter: Double?
    var movedTo: Int64?

    init(_ response: HTTPResponse) {
      let json = JSON(response.body) ?? .null
      code = json["error_code"].integer.map(Int.init(clamping:))
      description = json["description"].string
      let parameters = json["parameters"]
      retryAfter = parameters["retry_after"].number ?? response.retryAfterSeconds
      movedTo = parameters["migrate_to_chat_id"].integer
      if code == nil, response.status != 200 { code = response.status }
    }

    /// The server's wish in seconds, between one second and one hour.
    var waitSeconds: Double? {
      guard let wish = retryAfter, !wish.isNaN else { return nil }
      return min(max(wish, 1), 3600)
    }
  }

  /// Nil for a good answer.
  func pollFailure(_ response: HTTPResponse) -> PollFailure? {
    if response.status == 200, JSON(response.body)?["ok"].bool == true { return nil }
    let fault = Fault(response)
    let said = told(fault, response)
    switch fault.code ?? response.status {
    case 401, 404, 421:
      return .refused(
        "Telegram does not accept the token of \(settings.account) (\(said)). Check its "
          + "token_file; @BotFather shows the token, or makes a new one, with /token.")
    case 409 where said.contains("webhook"):
      return .retry(
        afterSeconds: 60,
        "a webhook is set for this bot, so Telegram gives its messages to another program. "
          + "If that program is gone, call deleteWebhook once; else make a bot of its own for "
          + "Crewbell with @BotFather.")
    case 409:
      return .retry(
        afterSeconds: 5,
        "another program polls Telegram with the same token; only one may. After a restart "
          + "this passes within a minute; else stop the other one.")
    case 429: return .retry(afterSeconds: fault.waitSeconds ?? 5, "Telegram asks for less: \(said)")
    case 200: return .retry(afterSeconds: nil, "not an answer of the Bot API (\(said))")
    default: return .retry(afterSeconds: fault.waitSeconds, said)
    }
  }

  /// The server's own words in one line, short, and without our token in them.
  func told(_ fault: Fault, _ response: HTTPResponse) -> String {
    guard let text = fault.description, !text.isEmpty else {
      return "HTTP \(response.status), \(response.body.count) bytes"
    }
    let line = text.unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) }
    var told = Self.cut(String(line), 200)
    // The part before the colon is the bot's own id, which everybody may know.
    let secret = settings.token.token.split(separator: ":").last.map(String.init) ?? ""
    for word in [settings.token.token, secret] where !word.isEmpty {
      told = told.replacingOccurrences(of: word, with: "***")
    }
    return told
  }

  /// What became of a post. 4xx are certain refusals; a 5xx or a cut answer leaves it open.
  public func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery {
    if response.status == 200 { return accepted(response) }
    let fault = Fault(response)
    let said = told(fault, response)
    switch response.status {
    case 400 where fault.movedTo != nil: return .moved(to: String(fault.movedTo ?? 0))
    // It says already what we want it to say.
    case 400 where said.contains("message is not modified"): return .sent(id: "")
    // Nothing is wrong with the post; the account is in trouble, and polling tells of it.
    case 401, 404: return .retry(afterSeconds: 900)
    case 403: return .refused(forbidden(said))
    case 408, 409, 425: return .unknown
    case 429: return .retry(afterSeconds: fault.waitSeconds ?? 5)
    case 400..<500: return .refused(said)
    default: return .unknown
    }
  }

  private func forbidden(_ said: String) -> String {
    if said.contains("initiate conversation") {
      return "this person has not started a chat with the bot (\(said))"
    }
    if said.contains("blocked") { return "this person has blocked the bot (\(said))" }
    return said
  }

  /// `{"ok":true,"result":…}`: the message as it stands there, or only `true`.
  private func accepted(_ response: HTTPResponse) -> Delivery {
    guard let answer = JSON(response.body), answer["ok"].bool != nil else { return .unknown }
    let sent = answer["result"]
    if let message = sent["message_id"].integer, let chat = sent["chat"]["id"].integer {
      return .sent(id: MessageID(chat: chat, message: message).description)
    }
    return sent.bool == true ? .sent(id: "") : .unknown
  }
}
