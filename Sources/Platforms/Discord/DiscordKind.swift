extension PlatformKind {
  public static let discord = PlatformKind(
    name: "discord", title: "Discord",
    keys: [
      Key(
        "base_url", .server(standard: "https://discord.com"), isNeeded: false,
        example: "https://discord.com")
    ],
    secrets: [
      SecretKeys(
        ["token_file"], isSecretItself: Discord.isToken,
        fault: {
          Discord.isToken($0)
            ? nil
            : "what stands in this file is no token of a Discord bot: put in what Reset Token "
              + "showed in the Developer Portal, under Bot"
        })
    ],
    invite: Key("invite", .list, example: #""80351110224678912""#) {
      $0 == "*" || Discord.isID($0)
        ? nil
        : "`\($0)` is nobody: a Discord user is written as their number, such as "
          + "80351110224678912, because a name can be taken over by somebody else; \"*\" is "
          + "everybody"
    },
    sample: AccountSettings(
      account: "discord", texts: ["base_url": "https://discord.com"],
      secrets: ["token_file": .init(token: "MTIz.AbCdEf.0123456789abcdefghijklmnopq")]),
    steps: [
      "Make an application (discord.com/developers/applications), and under Bot turn on Message "
        + "Content Intent: without it the bot sees only what mentions it.",
      "Put the token (Bot → Reset Token), alone, into a file of mode 0600.",
      "Put the numbers of those who may bring it into a channel into `invite` (Settings → Advanced "
        + "→ Developer Mode, then right-click a person → Copy User ID).",
      "Add the bot to the server (OAuth2 → URL Generator, scope `bot`) with the rights View "
        + "Channels, Send Messages, Send Messages in Threads, Add Reactions and Read Message "
        + "History.",
      "Mention the bot in the team's channel, as somebody on the list.",
    ],
    remarks: [
      "The clients open a list of their own on `/`, so people write `!task` or mention the bot.",
      changesUnread,
      "Discord tells nobody who added a bot to a server, so it begins in a channel when somebody "
        + "on the list mentions it there; of other channels it stores nothing.",
      "No list tells a bot of its direct messages. It listens in the direct chats of the last "
        + "hundred people who wrote it a command in a channel or were mentioned in one; whoever "
        + "writes to it alone first is heard after that.",
      "Channels are read in turn, one a second and at once where something is new; a quiet channel "
        + "is heard within about ten seconds.",
      "It does not hear what is written in forums, and of private threads only those it was added "
        + "to.",
      "Links that people wrote are shown without a picture of the page, and nobody is pinged whom "
        + "the bot does not mean.",
    ],
    mark: { "\($0["base_url"]) \($0.secrets["token_file"]?.token ?? "")" },
    summary: { "at \($0["base_url"])" },
    make: { Discord(settings: $0) }
  ).with(
    Slash(
      key: "public_key",
      steps: [
        "Copy the Public Key of the application (General Information) into `public_key`; it is no "
          + "secret.",
        "Start the daemon, and then write `{address}` into Interactions Endpoint URL on the same "
          + "page: Discord tries it at once, with a right signature and a wrong one.",
        "Where the bot was added without the scope `applications.commands`, add it again with "
          + "that. The daemon makes `/crewbell` known by itself at each start.",
      ],
      make: { settings in
        DiscordSlash(Discord(settings: settings), publicKey: settings["public_key"])
      }),
    keys: [
      Key(
        "public_key", .text, isNeeded: false,
        example: "56d6b7a0b0b7e2a6a7f4b2b5d0b5c9a3c1f7e8d9a0b1c2d3e4f5061728394a5b"
      ) {
        Signature.bytes(ofHex: $0)?.count == 32
          ? nil
          : "`public_key` is 64 digits and letters from 0 to f: copy it from General Information "
            + "in the Developer Portal"
      }
    ])
}

extension Discord {
  init(settings: AccountSettings) {
    self.init(
      .init(
        account: settings.account, baseURL: settings["base_url"],
        invitersAllowed: settings.invite))
  }
}

extension Discord {
  /// Three parts of letters, digits, `-` and `_`, the first being the bot's number in base64.
  static func isToken(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 3 && (30...120).contains(text.utf8.count)
      && parts.allSatisfy { part in
        !part.isEmpty
          && part.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
              || $0 == 0x2D || $0 == 0x5F
          }
      }
  }
}
