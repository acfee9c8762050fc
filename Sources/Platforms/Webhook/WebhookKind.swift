extension PlatformKind {
  /// A kind that posts to one URL.
  /// - Parameters:
  ///   - hosts: how a right URL begins; empty for any.
  ///   - signed: nil where nothing is signed, else whether a secret must be there.
  static func webhook(
    _ name: String, title: String, hosts: [String] = [], signed: Bool? = nil, keys: [Key] = [],
    steps: [String], remarks: [String],
    dialect: @escaping @Sendable (AccountSettings) -> any WebhookDialect
  ) -> PlatformKind {
    let url = SecretKeys(["url_file"], isSecretItself: { $0.hasPrefix("https://") }) { text in
      if let wrong = WebhookURL.fault(text) { return wrong }
      guard !hosts.isEmpty, !hosts.contains(where: text.hasPrefix) else { return nil }
      return "the URL in this file is not one of \(title): it begins with "
        + hosts.joined(separator: " or ")
    }
    let secret = signed.map { [SecretKeys(["secret_file"], isNeeded: $0)] } ?? []
    var kind = PlatformKind(
      name: name, title: title, keys: keys + [.postsFor, .what], secrets: [url] + secret,
      invite: nil,
      sample: AccountSettings(
        account: name,
        secrets: [
          "url_file": Credential(token: (hosts.first ?? "https://hooks.example.org/") + "x")
        ]
      ),
      steps: steps + [
        "Put the URL, alone, into a file of mode 0600: whoever knows it may post there.",
        "Name the team's room in `posts_for` (the account, a colon and the platform's id of the "
          + "room; \"*\" is every team) and `digests`, `reminders` or both in `what`.",
      ],
      remarks: [
        "Whoever can read that place reads what managers read in a digest: choose it so."
      ] + remarks,
      mark: { $0.secrets["url_file"]?.token ?? "" },
      summary: { settings in
        "to \(WebhookURL.origin(settings.secrets["url_file"]?.token ?? "")): "
          + settings.list("what").joined(separator: " and ") + " of "
          + settings.list("posts_for").joined(separator: ", ")
      },
      make: { settings in
        Webhook(
          settings: .init(
            account: settings.account,
            url: settings.secrets["url_file"] ?? Credential(token: ""),
            secret: settings.secrets["secret_file"] ?? Credential(token: ""),
            allowsPrivate: settings.flags.contains("allow_private")),
          dialect: dialect(settings))
      })
    kind.places = { [$0.account] }
    return kind
  }
}
