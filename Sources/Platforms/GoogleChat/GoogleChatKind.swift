extension PlatformKind {
  public static let googleChat = PlatformKind(
    name: "googlechat", title: "Google Chat",
    keys: [
      Key("subscription", .text, example: "projects/acme-chat/subscriptions/crewbell") {
        GoogleChat.isSubscription($0)
          ? nil
          : "`subscription` is the whole name of a Pub/Sub subscription: write "
            + "projects/acme-chat/subscriptions/crewbell"
      },
      Key(
        "chat_url", .server(standard: GoogleChat.Settings.chat), isNeeded: false,
        example: GoogleChat.Settings.chat),
      Key(
        "pubsub_url", .server(standard: GoogleChat.Settings.pubsub), isNeeded: false,
        example: GoogleChat.Settings.pubsub),
    ],
    secrets: [
      SecretKeys(
        ["key_file"], isSecretItself: { $0.contains("PRIVATE KEY") }, isDocument: true,
        fault: {
          GoogleChat.ServiceAccount($0) != nil
            ? nil
            : "what stands in this file is no key of a service account: put in the JSON file that "
              + "the console gave when the key was made"
        })
    ],
    invite: Key("invite", .list, example: #""103456789012345678901""#) {
      $0 == "*" || GoogleChat.isUser($0)
        ? nil
        : "`\($0)` is nobody: a Google Chat user is written as their number, such as "
          + "103456789012345678901, because an address can be given to somebody else; \"*\" is "
          + "everybody"
    },
    sample: AccountSettings(
      account: "googlechat",
      texts: [
        "subscription": "projects/acme-chat/subscriptions/crewbell",
        "chat_url": GoogleChat.Settings.chat, "pubsub_url": GoogleChat.Settings.pubsub,
      ]),
    steps: [
      "In a Google Cloud project of your Workspace turn on the Google Chat API and the Cloud "
        + "Pub/Sub API, and make a service account with a key of type JSON; put that file, mode "
        + "0600, where `key_file` says.",
      "Make a Pub/Sub topic and let `chat-api-push@system.gserviceaccount.com` publish to it (role "
        + "Pub/Sub Publisher). Make a subscription of it, delivery type Pull, expiration Never, "
        + "and give the service account the roles Pub/Sub Subscriber and Pub/Sub Viewer on it.",
      "Under Google Chat API → Configuration turn on interactive features, one-to-one messages and "
        + "spaces, choose Cloud Pub/Sub as the connection and the topic, and say who may find the "
        + "app.",
      "Register slash commands there: `/crewbell`, before which any command works "
        + "(`/crewbell task add …`), or each by its own name (`/task`, `/done`, `/help` …; "
        + "docs/commands.md has all of them).",
      "Put the numbers of those who may bring it into a space into `invite`: the Admin SDK and the "
        + "People API tell them, and the bot names the number of whoever it refuses.",
      "Add the app to the team's space (Apps & integrations), as somebody on the list; in one that "
        + "it is in already, write to it.",
    ],
    remarks: [
      "An app needs an account of Google Workspace; an administrator may have to allow it.",
      "In a space Chat tells the app only of what mentions it and of its own slash commands, so a "
        + "check-in is answered beneath a mention, by `/checkin`, or in the direct chat, where "
        + "every word arrives.",
      "A person is written to alone once they have opened a chat with the app. Until then an "
        + "answer for them alone stands in the space, and only they see it.",
      "Answers stand in the thread of what they answer. The bot does not see edits, who joins, or "
        + "who leaves.",
      "What was written to the app before the daemon's first start is not carried out. Later it "
        + "may be away for as long as the subscription keeps messages, 7 days unless it is set "
        + "otherwise.",
    ],
    mark: { "\($0["pubsub_url"]) \($0["subscription"])" },
    summary: { "pulled from \($0["subscription"])" },
    make: { settings in
      GoogleChat(
        .init(
          account: settings.account, subscription: settings["subscription"],
          chatURL: settings["chat_url"], pubsubURL: settings["pubsub_url"],
          invitersAllowed: settings.invite),
        key: settings.secrets["key_file"] ?? .init(token: ""))
    })
}

extension GoogleChat {
  /// Project ids, also those of a domain (`example.com:crew`), and names of subscriptions.
  static func isSubscription(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "projects", parts[2] == "subscriptions",
      (1...100).contains(parts[1].utf8.count), (3...255).contains(parts[3].utf8.count)
    else { return false }
    return [parts[1], parts[3]].allSatisfy { part in
      part.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || "-_.~+%:".utf8.contains($0)
      }
    }
  }
}
