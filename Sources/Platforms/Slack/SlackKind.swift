extension PlatformKind {
  public static let slack = PlatformKind(
    name: "slack", title: "Slack",
    keys: [
      Key(
        "base_url", .server(standard: "https://slack.com"), isNeeded: false,
        example: "https://slack.com")
    ],
    secrets: [
      SecretKeys(
        ["token_file"], isSecretItself: { $0.hasPrefix("xoxb-") },
        fault: {
          $0.hasPrefix("xoxb-")
            ? nil
            : "what stands in this file is no token of a Slack bot: put in the Bot User OAuth "
              + "Token, xoxb-…"
        })
    ],
    invite: Key("invite", .list, example: "U012AB3CD") {
      $0 == "*" || Slack.isID($0)
        ? nil
        : "`\($0)` is nobody: a Slack user is written as their member id, such as U012AB3CD, "
          + "because a name can be taken over by somebody else; \"*\" is everybody"
    },
    sample: AccountSettings(
      account: "slack", texts: ["base_url": "https://slack.com"],
      secrets: ["token_file": .init(token: "xoxb-1")]),
    steps: [
      "Make an app of your own from the manifest in `config/slack-manifest.yaml` "
        + "(api.slack.com/apps → Create New App → From a manifest) and install it to the "
        + "workspace. Never share one app over many workspaces: Slack lets those read one message "
        + "list a minute.",
      "Put the Bot User OAuth Token (OAuth & Permissions, xoxb-…), alone, into a file "
        + "of mode 0600.",
      "Put the member ids of those who may bring it into a channel into `invite` (profile → ⋮ → "
        + "Copy member ID).",
      "Invite the bot into the team's channel (`/invite @crewbell`).",
    ],
    remarks: [
      "The clients keep an unknown `/command` to themselves, so people write `!task` or mention "
        + "the bot.",
      "Channels are read in turn, 48 a minute; where something was written lately every second "
        + "turn is theirs.",
      "In a thread the bot hears what is written under one of the last 30 messages of the channel.",
    ],
    mark: { "\($0["base_url"]) \($0.secrets["token_file"]?.token ?? "")" },
    summary: { "at \($0["base_url"])" },
    make: { settings in
      Slack(
        .init(
          account: settings.account, baseURL: settings["base_url"],
          invitersAllowed: settings.invite))
    })
}
