extension PlatformKind {
  public static let mattermost = bot(
    "mattermost", title: "Mattermost",
    server: Key("server", .server(standard: nil), example: "https://chat.example.org"),
    token: Form(
      isRight: Mattermost.isID, example: "gq6wx6wtx3ncbmxtmyqyq8gqee",
      advice: "put in the 26 letters and digits that were shown when the bot account was made"),
    user: Form(
      isRight: Mattermost.isID, example: "gq6wx6wtx3ncbmxtmyqyq8gqee",
      advice: "their id of 26 letters and digits"),
    steps: [
      "Make a bot account (Integrations → Bot Accounts; an administrator allows them in the "
        + "System Console) with the role Member, and put its token, alone, "
        + "into a file of mode 0600.",
      "Put the ids of those who may bring it into a channel into `invite`: the System Console "
        + "shows them under User Management, and the bot names the id of whoever it refuses.",
      "Add the bot to the team, and then to the team's channel (`/invite @crewbell`).",
    ],
    remarks: [
      "In a channel that everybody of a team is in from the start (Town Square) the bot begins "
        + "when somebody on the list mentions it.",
      "People of another server, in a channel that is shared with it, are not heard.",
      "The server needs version 6.1 or newer; a message of the bot may have 16,383 characters.",
    ],
    make: { Mattermost(settings: $0) }
  ).with(
    Slash(
      key: "slash_token_file",
      steps: [
        "Integrations → Slash Commands → Add Slash Command: trigger word `crewbell`, Request URL "
          + "`{address}`, Request Method POST. Where that address is in a private network, an "
          + "administrator adds its name to AllowedUntrustedInternalConnections.",
        "Put the token that is shown, alone, into a file of mode 0600, and name it in "
          + "`slash_token_file`; for several teams, their tokens in one line with spaces between.",
      ],
      make: { settings in
        settings.secrets["slash_token_file"].map {
          MattermostSlash(Mattermost(settings: settings), tokens: $0)
        }
      }),
    secret: SecretKeys(
      ["slash_token_file"], isNeeded: false,
      fault: {
        $0.split(separator: " ").allSatisfy { Mattermost.isID(String($0)) }
          ? nil
          : "what stands in this file is no token of a slash command: put in the 26 letters and "
            + "digits that were shown when the command was made"
      }))
}

extension Mattermost {
  init(settings: AccountSettings) {
    self.init(
      .init(
        account: settings.account, server: settings["server"],
        invitersAllowed: settings.invite))
  }
}
