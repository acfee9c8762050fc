import Crew
import Foundation
import Platforms

// The methods of the Bot API.
extension TelegramFake {
  public mutating func answer(_ request: FakeRequest, now: Instant) -> FakeAnswer {
    guard request.path.count == 2, request.path[0] == "bot\(Self.token)" else {
      return refusal(401, "Unauthorized")
    }
    let call = request.json ?? [:]
    let date = ["date": Self.date(now)]
    switch request.path[1] {
    case "getMe": return success(user(Self.bot), date)
    case "getUpdates": return updates(call, now)
    case "sendMessage": return send(call, now)
    case "editMessageText": return edit(call)
    case "setMessageReaction": return react(call)
    case "setMyCommands": return menu(call)
    default: return refusal(404, "Not Found: method not found")
    }
  }

  private func success(_ result: JSON, _ headers: [String: String] = [:]) -> FakeAnswer {
    .json(200, ["ok": true, "result": result], headers: headers)
  }

  private func refusal(_ code: Int, _ words: String, _ parameters: JSON? = nil) -> FakeAnswer {
    var body: [String: JSON] = [
      "ok": false, "error_code": .integer(Int64(code)), "description": .string(words),
    ]
    body["parameters"] = parameters
    return .json(code, .object(body))
  }

  private func bad(_ words: String) -> FakeAnswer { refusal(400, "Bad Request: \(words)") }

  private static func date(_ now: Instant) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return format.string(from: Date(timeIntervalSince1970: Double(now.seconds)))
  }

  /// An offset confirms all before it; nothing older than a day is kept.
  private mutating func updates(_ call: JSON, _ now: Instant) -> FakeAnswer {
    if let kinds = call["allowed_updates"].array { allowed = Set(kinds.compactMap(\.string)) }
    let offset = call["offset"].integer ?? 0
    guard offset >= 0 else { return bad("this fake takes no negative offset") }
    if offset <= nextUpdate + 1 { queue.removeAll { $0.id < offset } }
    queue.removeAll { $0.at > 0 && now.seconds - $0.at > 24 * 3600 }
    let limit = Int(min(max(call["limit"].integer ?? 100, 1), 100))
    let batch = queue.prefix(limit).map(\.update)
    let headers = ["date": Self.date(now), "content-type": "application/json"]
    let timeout = min(max(call["timeout"].integer ?? 0, 0), 50)
    guard batch.isEmpty, timeout > 0 else { return success(.array(batch), headers) }
    return .hold(
      seconds: Double(timeout),
      else: .json(200, ["ok": true, "result": []], headers: headers))
  }

  // MARK: - Messages

  /// Where a call goes, or why it cannot.
  private enum Place {
    case chat(Int64)
    case refused(FakeAnswer)
  }

  private func place(_ call: JSON) -> Place {
    guard let id = call["chat_id"].integer ?? call["chat_id"].string.flatMap({ Int64($0) }) else {
      return .refused(bad("chat_id is empty"))
    }
    if formerGroups.contains(id) {
      return .refused(
        refusal(
          400, "Bad Request: group chat was upgraded to a supergroup chat",
          ["migrate_to_chat_id": .integer(group)]))
    }
    if id == group { return .chat(id) }
    guard names[id] != nil else { return .refused(bad("chat not found")) }
    guard started.contains(id) else {
      return .refused(refusal(403, "Forbidden: bot can't initiate conversation with a user"))
    }
    return .chat(id)
  }

  private mutating func send(_ call: JSON, _ now: Instant) -> FakeAnswer {
    guard case .chat(let chat) = place(call) else {
      if case .refused(let answer) = place(call) { return answer }
      return bad("chat not found")
    }
    if let fault = fault(ofText: call) { return bad(fault) }
    let topic = call["message_thread_id"].integer
    if let topic, chat != group || !topics.contains(topic) {
      return bad("message thread not found")
    }
    if let reply = call["reply_parameters"]["message_id"].integer,
      call["reply_parameters"]["allow_sending_without_reply"].bool != true,
      !entries.contains(where: { $0.chat == chat && $0.id == reply })
    {
      return bad("message to be replied not found")
    }
    let entry = post(call["text"].string ?? "", from: Self.bot, in: chat, topic: topic)
    record(.message, entry, call, under: topic.map(String.init))
    return success(json(entry, now))
  }

  private mutating func edit(_ call: JSON) -> FakeAnswer {
    guard case .chat(let chat) = place(call) else { return bad("chat not found") }
    if let fault = fault(ofText: call) { return bad(fault) }
    guard
      let number = entries.firstIndex(where: {
        $0.chat == chat && $0.id == call["message_id"].integer && $0.from == Self.bot
      })
    else { return bad("message to edit not found") }
    let text = call["text"].string ?? ""
    guard entries[number].text != text else { return bad("message is not modified") }
    entries[number].text = text
    record(.edit, entries[number], call)
    return success(json(entries[number], Instant(milliseconds: 0)))
  }

  private mutating func react(_ call: JSON) -> FakeAnswer {
    guard case .chat(let chat) = place(call) else { return bad("chat not found") }
    guard let emoji = call["reaction"].array?.first?["emoji"].string,
      ["👍", "👎", "👀", "🎉", "❤", "🔥", "👏", "🙏", "👌", "🏆"].contains(emoji)
    else { return bad("REACTION_INVALID") }
    guard
      let entry = entries.first(where: {
        $0.chat == chat && $0.id == call["message_id"].integer
      })
    else { return bad("message to react not found") }
    let name = "\(chat):\(entry.id)"
    guard reactions[name] != emoji else { return success(true) }
    reactions[name] = emoji
    var shown = entry
    shown.text = emoji
    record(.reaction, shown, [:], under: name)
    return success(true)
  }

  private func fault(ofText call: JSON) -> String? {
    guard let text = call["text"].string, !text.allSatisfy(\.isWhitespace) else {
      return "message text is empty"
    }
    guard call["parse_mode"] == .null else { return "this fake takes entities only" }
    let units = text.utf16.count
    guard units <= 4096 else { return "message is too long" }
    for entity in call["entities"].array ?? [] {
      guard let offset = entity["offset"].integer, let length = entity["length"].integer,
        offset >= 0, length > 0, offset + length <= units
      else { return "ENTITY_BOUNDS_INVALID" }
    }
    return nil
  }

  private mutating func record(
    _ kind: Delivered.Kind, _ entry: Entry, _ call: JSON, under: String? = nil
  ) {
    let pings = (call["entities"].array ?? []).compactMap { $0["user"]["id"].integer }
    delivered.append(
      Delivered(
        kind, id: "\(entry.chat):\(entry.id)", room: entry.chat < 0 ? String(entry.chat) : nil,
        person: entry.chat > 0 ? String(entry.chat) : nil, text: entry.text, under: under,
        pings: pings.map(String.init)))
  }

  private func menu(_ call: JSON) -> FakeAnswer {
    let commands = call["commands"].array ?? []
    guard commands.count <= 100 else { return bad("BOT_COMMANDS_TOO_MUCH") }
    let isGood = commands.allSatisfy { command in
      let name = command["command"].string ?? ""
      let text = command["description"].string ?? ""
      return (1...32).contains(name.utf8.count) && (1...256).contains(text.utf16.count)
        && name.utf8.allSatisfy {
          (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
        }
    }
    guard isGood else { return bad("BOT_COMMAND_INVALID") }
    let language = call["language_code"].string ?? ""
    guard language.isEmpty || language.utf8.count == 2 else { return bad("LANG_CODE_INVALID") }
    return success(true)
  }
}
