import Foundation

/// The methods of the Bot API that the sandbox has. Words of errors are those of Telegram's
/// server (tdlib/telegram-bot-api, Client.cpp), which clients match on.
extension World {
  private static let known: [String: Set<String>] = [
    "getme": [], "getwebhookinfo": [], "deletewebhook": ["drop_pending_updates"],
    "setwebhook": ["url"], "getupdates": ["offset", "limit", "timeout", "allowed_updates"],
    "sendmessage": [
      "chat_id", "text", "entities", "link_preview_options", "disable_notification",
      "reply_parameters", "message_thread_id",
    ],
    "editmessagetext": ["chat_id", "message_id", "text", "entities", "link_preview_options"],
    "setmessagereaction": ["chat_id", "message_id", "reaction", "is_big"],
    "setmycommands": ["commands", "scope", "language_code"],
    "getmycommands": ["scope", "language_code"],
  ]

  func call(_ method: String, _ arguments: Arguments) async throws -> JSON {
    let method = method.lowercased()
    guard let names = Self.known[method] else {
      throw APIError(404, "Not Found: method not found")
    }
    try arguments.expectOnly(names)
    switch method {
    case "getme": return me
    case "getupdates": return try await getUpdates(arguments)
    case "sendmessage": return try sendMessage(arguments)
    case "editmessagetext": return try editMessageText(arguments)
    case "setmessagereaction": return try setMessageReaction(arguments)
    case "setmycommands": return try setMyCommands(arguments)
    case "getmycommands": return .array(menu(arguments.text("language_code") ?? ""))
    case "setwebhook":
      webhook = arguments.text("url") ?? ""
      wake(.poll, .replaced)
      return true
    case "deletewebhook":
      webhook = ""
      if try arguments.flag("drop_pending_updates") { forgetUpdates() }
      return true
    default:
      return .fields([
        "url": .string(webhook), "has_custom_certificate": false,
        "pending_update_count": .int(Int64(queue.count)),
      ])
    }
  }

  private var me: JSON {
    guard case .object(var me) = bot.json else { return .null }
    for name in [
      "can_connect_to_business", "has_main_web_app", "supports_inline_queries",
    ] { me[name] = false }
    me["can_join_groups"] = true
    // Privacy mode is off: the bot reads every word of the group, which kudos need.
    me["can_read_all_group_messages"] = true
    return .object(me)
  }

  private func getUpdates(_ arguments: Arguments) async throws -> JSON {
    guard webhook.isEmpty else {
      throw APIError(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to "
          + "delete the webhook first")
    }
    if let kinds = try arguments.list("allowed_updates", "can't parse allowed updates") {
      allowedUpdates = Set(kinds.compactMap(\.string))
    }
    let limit = try arguments.int("limit") ?? 100
    let timeout = try arguments.int("timeout") ?? 0
    return try await updates(
      from: try arguments.int("offset") ?? 0, limit: Int(min(max(limit, 1), 100)),
      waitSeconds: Int(min(max(timeout, 0), 50)))
  }

  private func setMyCommands(_ arguments: Arguments) throws -> JSON {
    let list = try arguments.list("commands", "can't parse commands JSON object") ?? []
    guard list.count <= 100 else { throw APIError.badRequest("BOT_COMMANDS_TOO_MUCH") }
    let menu = try list.map { entry in
      guard let command = entry["command"]?.string, let words = entry["description"]?.string else {
        throw APIError.badRequest("can't parse BotCommand: can't find field \"command\"")
      }
      guard (1...32).contains(command.utf16.count), command.utf8.allSatisfy(Self.isCommandByte)
      else { throw APIError.badRequest("BOT_COMMAND_INVALID") }
      guard (1...256).contains(words.utf16.count) else {
        throw APIError.badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
      }
      return MenuEntry(command: command, description: words)
    }
    let language = arguments.text("language_code") ?? ""
    guard language.isEmpty || language.utf8.count == 2 else {
      throw APIError.badRequest("LANG_CODE_INVALID")
    }
    menus[language] = menu
    changed()
    return true
  }

  private static func isCommandByte(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
  }

  func menu(_ language: String) -> [JSON] {
    (menus[language] ?? []).map {
      ["command": .string($0.command), "description": .string($0.description)]
    }.map(JSON.object)
  }
}
