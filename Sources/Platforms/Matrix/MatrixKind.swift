extension PlatformKind {
  public static let matrix = PlatformKind(
    name: "matrix", title: "Matrix",
    keys: [
      Key("homeserver", .server(standard: nil), example: "https://matrix.example.org"),
      Key("user", .text, example: "\"@crewbell:example.org\"") {
        MatrixNames.isUser($0)
          ? nil : "`user` is a whole Matrix id: write \"@crewbell:example.org\""
      },
      Key(
        "trusted_bridges", .list, isNeeded: false, example: "\"@telegram_*:example.org\"",
        fault: MatrixNames.faultOfBridge),
    ],
    secrets: [
      // Synapse's tokens begin with `syt_` or `mct_`.
      SecretKeys(
        ["token_file", "password_file"],
        isSecretItself: { $0.hasPrefix("syt_") || $0.hasPrefix("mct_") })
    ],
    invite: Key("invite", .list, example: "\"*:example.org\"", fault: MatrixNames.faultOfInviter),
    sample: AccountSettings(
      account: "matrix",
      texts: ["homeserver": "https://matrix.example.org", "user": "@crewbell:example.org"]),
    steps: [
      "Register an account for the bot on your homeserver, e.g. `register_new_matrix_user` on "
        + "Synapse, not an admin.",
      "Put its password or an access token, alone, into a file of mode 0600.",
      "Invite the bot into the team's room, which must not be encrypted.",
    ],
    remarks: [
      "Element keeps unknown `/commands` to itself, so people write `!task` or mention the bot.",
      "Encrypted rooms cannot be read; the bot says so once.",
    ],
    mark: { "\($0["homeserver"]) \($0["user"])" },
    summary: { "\($0["user"]) at \($0["homeserver"])" },
    make: { settings in
      let password = settings.secrets["password_file"]
      return Matrix(
        .init(
          account: settings.account, homeserver: settings["homeserver"], user: settings["user"],
          login: password.map { .password($0) } ?? .token, invitersAllowed: settings.invite,
          trustedBridges: settings.list("trusted_bridges")))
    })
}

/// Ids of Matrix and patterns of them.
enum MatrixNames {
  static func isUser(_ text: String) -> Bool {
    guard text.hasPrefix("@"), let colon = text.firstIndex(of: ":") else { return false }
    let local = text[..<colon].dropFirst()
    return !local.isEmpty && !local.contains("*") && isServer(text[colon...].dropFirst())
  }

  /// `*:example.org` needs its colon: `*example.org` would let `@eve:evilexample.org` in.
  static func faultOfInviter(_ pattern: String) -> String? {
    if pattern == "*" || isUser(pattern) { return nil }
    if pattern.hasPrefix("*:"), isServer(pattern.dropFirst(2)) { return nil }
    return "`\(pattern)` is nobody: write \"@ana:example.org\", "
      + "\"*:example.org\" for everybody of a server, or \"*\" for everybody"
  }

  static func faultOfBridge(_ pattern: String) -> String? {
    let whole = pattern.replacing("*", with: "x", maxReplacements: 1)
    let server = pattern.split(separator: ":", maxSplits: 1).last ?? ""
    if isUser(whole), !server.contains("*"), !pattern.hasPrefix("@*") { return nil }
    return "`\(pattern)` is no bridge's ghost: write \"@telegram_*:example.org\""
  }

  private static func isServer(_ text: some StringProtocol) -> Bool {
    (1...255).contains(text.utf8.count)
      && text.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || (0x30...0x39).contains($0.value)
            || ".-:[]".unicodeScalars.contains($0))
      }
  }
}
