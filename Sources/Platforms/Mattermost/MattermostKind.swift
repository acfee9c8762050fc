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
      "The server needs version 6.1 or newer; a message of the bot may have 16,383 characters.",
    ],
    make: { settings in
      Mattermost(
        .init(
          account: settings.account, server: settings["server"],
          invitersAllowed: settings.invite))
    })
}
