extension PlatformKind {
  /// Of lists that are read from time to time and tell only what a message says now: it may never
  /// have been written as the command that it is.
  static let changesUnread =
    "What is changed before the bot has read it is not carried out: write it anew."

  /// How a token or an id looks, and what to write instead of something else.
  struct Form: Sendable {
    var isRight: @Sendable (String) -> Bool
    var example: String
    /// Ends the sentence that tells what is wrong.
    var advice: String
  }

  /// A chat that is polled at one address with the token of a bot.
  /// - Parameters:
  ///   - server: the key of the address.
  ///   - more: what else the config says of such an account.
  ///   - user: how whoever may invite is written.
  static func bot(
    _ name: String, title: String, server: Key, more: [Key] = [], token: Form, user: Form,
    steps: [String], remarks: [String], make: @escaping @Sendable (AccountSettings) -> any Platform
  ) -> PlatformKind {
    PlatformKind(
      name: name, title: title, keys: [server] + more,
      secrets: [
        SecretKeys(
          ["token_file"], isSecretItself: token.isRight,
          fault: {
            token.isRight($0)
              ? nil : "what stands in this file is no token of a \(title) bot: \(token.advice)"
          })
      ],
      invite: Key("invite", .list, example: user.example) {
        $0 == "*" || user.isRight($0)
          ? nil
          : "`\($0)` is nobody: a \(title) user is written as \(user.advice), because a name can "
            + "be taken over by somebody else; \"*\" is everybody"
      },
      sample: AccountSettings(
        account: name,
        texts: Dictionary(([server] + more).map { ($0.name, $0.example) }) { $1 },
        secrets: ["token_file": Credential(token: token.example)]),
      steps: steps,
      remarks: [
        "The clients keep an unknown `/command` to themselves, so people write `!task` or mention "
          + "the bot.",
        changesUnread,
      ] + remarks,
      mark: { "\($0[server.name]) \($0.secrets["token_file"]?.token ?? "")" },
      summary: { "at \($0[server.name])" }, make: make)
  }
}
