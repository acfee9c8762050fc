extension PlatformKind {
  public static let slack = bot(
    "slack", title: "Slack",
    server: Key(
      "base_url", .server(standard: "https://slack.com"), isNeeded: false,
      example: "https://slack.com"),
    token: Form(
      isRight: { $0.hasPrefix("xoxb-") }, example: "xoxb-1",
      advice: "put in the Bot User OAuth Token, xoxb-…"),
    user: Form(
      isRight: Slack.isID, example: "U012AB3CD", advice: "their member id, such as U012AB3CD"),
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
      "Channels are read in turn, 48 a minute; where something was written lately every second "
        + "turn is theirs.",
      "In a thread the bot hears what is written under one of the last 30 messages of the channel.",
      "Each direct chat is one of these channels: after check-ins to 60 people a round takes 75 "
        + "seconds or more, and so may an answer.",
      "People of another workspace, in a channel that is shared with it, are not heard.",
    ],
    make: { Slack(settings: $0) }
  ).with(
    Slash(
      key: "signing_secret_file",
      steps: [
        "Put the Signing Secret of the app (Basic Information → App Credentials), alone, into a "
          + "file of mode 0600, and name it in `signing_secret_file`.",
        "In the app's Slash Commands: Create New Command, `/crewbell`, the Request URL "
          + "`{address}`, and tick *Escape channels, users, and links*; or take the lines under "
          + "`slash_commands` of `config/slack-manifest.yaml` in, with your address. Install the "
          + "app again: it asks for `commands`.",
      ],
      make: { settings in
        settings.secrets["signing_secret_file"].map {
          SlackSlash(Slack(settings: settings), secret: $0)
        }
      }),
    secret: SecretKeys(
      ["signing_secret_file"], isNeeded: false, isSecretItself: isSigningSecret,
      fault: {
        isSigningSecret($0)
          ? nil
          : "what stands in this file is no signing secret: put in the 32 digits and letters that "
            + "Slack shows under Basic Information, App Credentials"
      }))

  @Sendable private static func isSigningSecret(_ text: String) -> Bool {
    text.utf8.count == 32
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}

extension Slack {
  init(settings: AccountSettings) {
    self.init(
      .init(
        account: settings.account, baseURL: settings["base_url"],
        invitersAllowed: settings.invite))
  }
}
