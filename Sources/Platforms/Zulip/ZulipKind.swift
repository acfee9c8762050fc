extension PlatformKind {
  public static let zulip = PlatformKind(
    name: "zulip", title: "Zulip",
    keys: [
      Key("site", .server(standard: nil), example: "https://example.zulipchat.com"),
      Key("email", .text, example: "crewbell-bot@example.zulipchat.com", fault: faultOfEmail),
      Key("topic", .text, isNeeded: false, example: "crewbell", fault: faultOfTopic),
    ],
    secrets: [
      SecretKeys(
        ["token_file"], isSecretItself: isZulipKey,
        fault: {
          isZulipKey($0)
            ? nil
            : "what stands in this file is no Zulip API key: put in the 32 letters and digits that "
              + "Zulip shows for the bot"
        })
    ],
    invite: Key("invite", .list, example: "12", fault: faultOfZulipUser),
    sample: AccountSettings(
      account: "zulip",
      texts: [
        "site": "https://example.zulipchat.com", "email": "crewbell-bot@example.zulipchat.com",
      ], secrets: ["token_file": Credential(token: "a")]),
    steps: [
      "Personal settings → Bots → Add a new bot, of type *Generic bot*; put its API key, alone, "
        + "into a file of mode 0600, and its address into `email`.",
      "Subscribe the bot to the team's channel (channel settings → Subscribers).",
      "Mention it there: `@**crewbell**`. Whoever on the list `invite` does so first becomes the "
        + "manager of that channel's team.",
    ],
    remarks: [
      "Zulip does not tell a bot who subscribed it, so the first allowed mention counts as the "
        + "invitation.",
      "Answers stay in the topic; what begins no topic of its own stands under `topic`.",
      "A post whose fate is unknown is looked for after two minutes and sent again only if it is "
        + "not there.",
      "Whatever was written while the bot was away is read when it is back, however long that was.",
      changesUnread,
      "A time that is promised or reminded of is shown to each reader in their own zone.",
    ],
    mark: { "\($0["site"]) \($0["email"].lowercased())" },
    summary: { "\($0["email"]) at \($0["site"])" },
    make: { settings in
      Zulip(
        .init(
          account: settings.account, site: settings["site"], email: settings["email"],
          topic: settings["topic"].isEmpty ? "crewbell" : settings["topic"],
          inviters: settings.invite,
          key: settings.secrets["token_file"] ?? Credential(token: "")))
    })

  /// 32 letters and digits (`generate_api_key`).
  private static func isZulipKey(_ text: String) -> Bool {
    text.utf8.count == 32
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20)
      }
  }

  private static func faultOfEmail(_ text: String) -> String? {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    let isEmail =
      parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
      && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != ":" }
    return isEmail
      ? nil : "`email` is the bot's own address as Zulip shows it: crewbell-bot@example.com"
  }

  /// MAX_TOPIC_NAME_LENGTH is 60 code points.
  private static func faultOfTopic(_ text: String) -> String? {
    (1...60).contains(text.unicodeScalars.count)
      ? nil : "a topic of Zulip has 1 to 60 characters"
  }

  private static func faultOfZulipUser(_ pattern: String) -> String? {
    let isNumber = !pattern.isEmpty && pattern.utf8.allSatisfy { (0x30...0x39).contains($0) }
    if pattern == "*" || isNumber { return nil }
    return "a Zulip user is written as a number, such as 12 (it stands in their profile's link), "
      + "because a name can be taken over by somebody else; \"*\" is everybody"
  }
}
