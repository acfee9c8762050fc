import Crew

extension PlatformKind {
  public static let email: PlatformKind = {
    var kind = PlatformKind(
      name: "email", title: "E-mail",
      keys: [
        Key("server", .text, example: "smtp://mail.example.org:587", fault: faultOfServer),
        Key("from", .text, example: "crewbell@example.org") { faultOfAddress($0) },
        Key("user", .text, isNeeded: false, example: "crewbell") { _ in nil },
        Key(
          "recipients", .list, isNeeded: false, example: "\"*@example.org\"",
          fault: faultOfRecipient),
        Key("to", .list, isNeeded: false, example: "desk@example.org") { faultOfAddress($0) },
        .optional(.postsFor), .optional(.what),
        Key(
          "unsubscribe", .text, isNeeded: false, example: "mailto:helpdesk@example.org",
          fault: faultOfUnsubscribe),
      ],
      secrets: [SecretKeys(["password_file"], isNeeded: false)], invite: nil,
      sample: AccountSettings(
        account: "email",
        texts: ["server": "smtp://mail.example.org:587", "from": "crewbell@example.org"]),
      steps: [
        "Let your mail server take mail from an address of the bot's own (`from`), by a login "
          + "(`user` and, alone in a file of mode 0600, `password_file`) or from this machine.",
        "Say in `recipients` which addresses managers may have digests sent to: whole ones, or "
          + "`*@example.org`.",
        "A manager then writes `digest to ana@example.org` to the bot in a chat alone, and shows "
          + "the code that comes by mail; `digest to chat` takes it back.",
        "For copies to a mailing list, name it in `to`, the team's room in `posts_for`, and "
          + "`digests`, `reminders` or both in `what`.",
      ],
      remarks: [
        "TLS is required and the certificate verified: STARTTLS for `smtp://`, from the first byte "
          + "for `smtps://`.",
        "Nothing is read: nobody commands by mail, since the sender of a mail can be forged.",
        "A mail of unknown fate is sent again under the same Message-ID, by which most mail "
          + "programs show it once; `strict: true` tells of it instead.",
        "Where a server refuses an address, that manager's digests come in the chat again, and the "
          + "manager is told.",
      ],
      mark: { "\($0["server"]) \($0["from"]) \($0["user"])" },
      summary: { "from \($0["from"]) by \($0["server"])" },
      make: { settings in
        Email(
          .init(
            account: settings.account, server: settings["server"], from: settings["from"],
            user: settings.texts["user"],
            password: settings.secrets["password_file"] ?? Credential(token: ""),
            unsubscribe: settings.texts["unsubscribe"]))
      })
    kind.places = { $0.list("to") }
    kind.fault = fault
    return kind
  }()

  private static func fault(_ settings: AccountSettings) -> String? {
    if settings.texts["user"] != nil, settings.secrets["password_file"] == nil {
      return "`user` needs a password: write `password_file: secrets/\(settings.account)`"
    }
    if settings.texts["user"] == nil, settings.secrets["password_file"] != nil {
      return "`password_file` needs a `user`: write `user: crewbell`"
    }
    let hasTo = !settings.list("to").isEmpty
    if hasTo != !settings.list("posts_for").isEmpty || hasTo != !settings.list("what").isEmpty {
      return "`to`, `posts_for` and `what` belong together: write `to: [desk@example.org]`, "
        + "`posts_for: [\"matrix:!desk:example.org\"]` and `what: [digests]`"
    }
    return hasTo || !settings.list("recipients").isEmpty
      ? nil
      : "nobody would get mail: write `recipients: [\"*@example.org\"]` for managers' own digests"
  }

  private static func faultOfAddress(_ text: String) -> String? {
    MailAddress(text) == nil ? "`\(text)` is no address: write crewbell@example.org" : nil
  }

  private static func faultOfRecipient(_ text: String) -> String? {
    let address = text.hasPrefix("*@") ? "x" + text.dropFirst() : text
    return MailAddress(address) == nil
      ? "`\(text)` is no address: write ana@example.org, or \"*@example.org\" for everybody there"
      : nil
  }

  private static func faultOfUnsubscribe(_ text: String) -> String? {
    let isMail = text.hasPrefix("mailto:") && MailAddress(String(text.dropFirst(7))) != nil
    if isMail || text.hasPrefix("https://") && WebhookURL.fault(text) == nil { return nil }
    return "`\(text)` is no place to unsubscribe at: write mailto:helpdesk@example.org or https://…"
  }

  /// `smtp://host[:port]` or `smtps://host[:port]`.
  private static func faultOfServer(_ text: String) -> String? {
    let host =
      text.hasPrefix("smtp://")
      ? text.dropFirst(7) : text.hasPrefix("smtps://") ? text.dropFirst(8) : ""
    let isHost =
      (1...255).contains(host.utf8.count)
      && host.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x3A, 0x41...0x5B, 0x5D, 0x61...0x7A, 0x2D, 0x2E: true
        default: false
        }
      }
    return isHost
      ? nil
      : "`\(text)` is no mail server: write smtp://mail.example.org:587 (STARTTLS) or "
        + "smtps://mail.example.org:465"
  }
}
