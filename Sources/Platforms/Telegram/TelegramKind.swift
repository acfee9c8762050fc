extension PlatformKind {
  public static let telegram = PlatformKind(
    name: "telegram", title: "Telegram",
    keys: [
      Key(
        "base_url", .server(standard: "https://api.telegram.org"), isNeeded: false,
        example: "https://api.telegram.org")
    ],
    secrets: [
      SecretKeys(
        ["token_file"], isSecretItself: isTelegramToken,
        fault: {
          isTelegramToken($0)
            ? nil
            : "what stands in this file is no Telegram token: put in what @BotFather gave, "
              + "123456:ABC…"
        })
    ],
    invite: Key("invite", .list, example: "4711", fault: faultOfTelegramUser),
    sample: AccountSettings(
      account: "telegram", texts: ["base_url": "https://api.telegram.org"],
      secrets: ["token_file": Credential(token: "1:a")]),
    steps: [
      "Ask @BotFather for a bot (`/newbot`) and put its token, alone, into a file of mode 0600.",
      "Leave the privacy mode on: the bot then reads commands and replies to it, nothing else.",
      "Add the bot to the team's group.",
    ],
    remarks: [
      "A bot may write to a person only after that person has written to it; whoever misses "
        + "something gets a link in the group that opens the chat.",
      "With the privacy mode on, plain words in the group do not reach the bot. To have them read "
        + "too, turn it off with @BotFather (`/setprivacy`) and add the bot anew, or make it an "
        + "administrator.",
      "An administrator who is anonymous cannot give commands: nobody can tell who it is.",
      "One program alone may poll with a token, and a webhook must not be set.",
      "Telegram keeps updates for 24 hours; a longer absence is told.",
    ],
    mark: { "\($0["base_url"]) \($0.secrets["token_file"]?.token ?? "")" },
    summary: { "at \($0["base_url"])" },
    make: { settings in
      Telegram(
        .init(
          account: settings.account, baseURL: settings["base_url"],
          token: settings.secrets["token_file"]?.token ?? ""))
    })

  /// A number, a colon and letters (Bot API, "Authorizing your bot").
  private static func isTelegramToken(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
      && parts[0].utf8.allSatisfy { (0x30...0x39).contains($0) }
      && parts[1].unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || (0x30...0x39).contains($0.value)
            || $0 == "_" || $0 == "-")
      }
  }

  private static func faultOfTelegramUser(_ pattern: String) -> String? {
    let isNumber = !pattern.isEmpty && pattern.utf8.allSatisfy { (0x30...0x39).contains($0) }
    if pattern == "*" || isNumber { return nil }
    return "a Telegram user is written as a number, such as 4711, because a name can be taken "
      + "over by somebody else; \"*\" is everybody"
  }
}
