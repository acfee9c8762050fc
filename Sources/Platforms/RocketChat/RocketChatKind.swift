extension PlatformKind {
  public static let rocketchat = bot(
    "rocketchat", title: "Rocket.Chat",
    server: Key("server", .server(standard: nil), example: "https://chat.example.org"),
    more: [
      Key("user", .text, example: "aobEdbYhXfu5hkeqG") {
        RocketChat.isUser($0)
          ? nil
          : "`user` is the bot's own user id, the 17 letters and digits that were shown with its "
            + "token"
      }
    ],
    token: Form(
      isRight: { $0.utf8.count >= 40 && RocketChat.isID($0) },
      example: "9HqLlyZOugoStsXCUfD_0YdwnNnunAJF8V47U3QHXSq",
      advice: "put in the personal access token of 43 letters and digits that was shown once"),
    user: Form(
      isRight: RocketChat.isUser, example: "rbAXPnMktTFbNpwtJ",
      advice: "their user id, such as rbAXPnMktTFbNpwtJ"),
    steps: [
      "Make a user with the role `bot` (Workspace → Users → New user): with it the server does not "
        + "count the bot's calls.",
      "As that user, make a personal access token (My account → Personal access tokens) with "
        + "*Ignore two factor authentication*; put the token, alone, into a file of mode 0600, and "
        + "the user id shown with it into `user`.",
      "Put the user ids of those who may bring it into a room into `invite` (a user's page in "
        + "Workspace → Users has it in its address; the bot names the id of whoever it refuses).",
      "Add the bot to the team's channel (`/invite @crewbell`), or mention it there.",
    ],
    remarks: [
      "Without the role `bot` a server allows ten calls a minute of each kind, as long as its "
        + "administrator sets nothing else: the bot keeps to that, and hears and answers more "
        + "slowly.",
      "In a room that it was in before its first start the bot begins when somebody on the list "
        + "mentions it, unless one of the last fifty messages tells who added it.",
      "Encrypted rooms cannot be read; where the server takes words in the clear there, the bot "
        + "says so once.",
      "People of another server (federation) are not heard.",
      "The server needs version 7.1 or newer.",
    ],
    make: { settings in
      RocketChat(
        .init(
          account: settings.account, server: settings["server"], user: settings["user"],
          invitersAllowed: settings.invite))
    })
}

extension RocketChat {
  /// Whether that may be a user id: 17 letters and digits (`Random.id()`), or a name of their own
  /// (`rocket.cat`).
  public static func isUser(_ text: String) -> Bool {
    isID(text) && !text.hasPrefix(".") && text.utf8.count <= 64
  }
}
