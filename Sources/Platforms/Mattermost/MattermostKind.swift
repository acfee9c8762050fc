extension PlatformKind {
  public static let mattermost = PlatformKind(
    name: "mattermost", title: "Mattermost",
    keys: [Key("server", .server(standard: nil), example: "https://chat.example.org")],
    secrets: [
      SecretKeys(
        ["token_file"], isSecretItself: Mattermost.isID,
        fault: {
          Mattermost.isID($0)
            ? nil
            : "what stands in this file is no Mattermost token: put in the 26 letters and digits "
              + "that were shown when the bot account was made"
        })
    ],
    invite: Key("invite", .list, example: "gq6wx6wtx3ncbmxtmyqyq8gqee") {
      $0 == "*" || Mattermost.isID($0)
        ? nil
        : "`\($0)` is nobody: a Mattermost user is written as their id of 26 letters and digits, "
          + "because a name can be taken over by somebody else; \"*\" is everybody"
    },
    sample: AccountSettings(
      account: "mattermost", texts: ["server": "https://chat.example.org"],
      secrets: ["token_file": .init(token: "gq6wx6wtx3ncbmxtmyqyq8gqee")]),
    steps: [
      "Make a bot account (Integrations → Bot Accounts; an administrator allows them in the "
        + "System Console) with the role Member, and put its token, alone, "
        + "into a file of mode 0600.",
      "Put the ids of those who may bring it into a channel into `invite`: the System Console "
        + "shows them under User Management, and the bot names the id of whoever it refuses.",
      "Add the bot to the team, and then to the team's channel (`/invite @crewbell`).",
    ],
    remarks: [
      "The clients keep an unknown `/command` to themselves, so people write `!task` or mention "
        + "the bot.",
      "In a channel that everybody of a team is in from the start (Town Square) the bot begins "
        + "when somebody on the list mentions it.",
      "The server needs version 6.1 or newer; a message of the bot may have 16,383 characters.",
    ],
    mark: { "\($0["server"]) \($0.secrets["token_file"]?.token ?? "")" },
    summary: { "at \($0["server"])" },
    make: { settings in
      Mattermost(
        .init(
          account: settings.account, server: settings["server"],
          invitersAllowed: settings.invite))
    })
}
