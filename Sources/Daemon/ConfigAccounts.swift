import Foundation
import Platforms
import Yams

extension Config {
  /// One bot account of one platform.
  public struct Account: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
      case matrix(homeserver: String, user: String, login: Login, trustedBridges: [String])
      case telegram(baseURL: String)
    }

    /// What the secret of the account is.
    public enum Login: Sendable, Equatable { case token, password }

    /// Part of every identity and room that is stored: another name is another account.
    public var name: String
    public var kind: Kind
    public var secret: Secret
    /// Who may bring the bot into a room.
    public var invite: [String]
    /// Where the account stands in the file, for what turns out later.
    public var position: FileFault.Position
  }
}

extension Account {
  /// The account as the loop takes it.
  public init(_ config: Config.Account) {
    let secret = Credential(token: config.secret.reveal())
    switch config.kind {
    case .telegram(let baseURL):
      let settings = Telegram.Settings(
        account: config.name, baseURL: baseURL, token: secret.token)
      self.init(name: config.name, platform: Telegram(settings), credential: secret)
    case .matrix(let homeserver, let user, let login, let bridges):
      let settings = Matrix.Settings(
        account: config.name, homeserver: homeserver, user: user,
        login: login == .token ? .token : .password(secret), invitersAllowed: config.invite,
        trustedBridges: bridges)
      // A password earns its token; nothing else may ever be sent as one.
      self.init(
        name: config.name, platform: Matrix(settings),
        credential: login == .token ? secret : Credential(token: ""))
    }
  }
}

extension Config.Account {
  var summary: String {
    let inviters = invite.isEmpty ? "nobody" : invite.joined(separator: ", ")
    let what =
      switch kind {
      case .matrix(let homeserver, let user, _, _): "Matrix, \(user) at \(homeserver)"
      case .telegram(let baseURL): "Telegram at \(baseURL)"
      }
    return "account \(name): \(what); invited by \(inviters)"
  }

  /// Two accounts with the same mark are one bot, and would take each other's messages.
  fileprivate var mark: String {
    switch kind {
    case .matrix(let homeserver, let user, _, _): "matrix \(homeserver) \(user)"
    case .telegram(let baseURL): "telegram \(baseURL) \(secret.reveal())"
    }
  }
}

extension Config.Draft {
  private static let platforms = ["matrix", "telegram"]

  mutating func readAccounts(_ top: Fields) {
    guard let field = top.fields["accounts"] else { return }
    let accounts = reader.fields(field.node, of: "`accounts`", at: field.at, keys: nil)
    for name in accounts.order {
      guard let field = accounts.fields[name], isGood(name, field.at) else { continue }
      guard let account = readAccount(name, field) else { continue }
      if let twin = config.accounts.first(where: { $0.mark == account.mark }) {
        reader.fault(
          field.at, "account \(name) is the same bot as account \(twin.name): keep one of the two")
      }
      config.accounts.append(account)
    }
  }

  private mutating func isGood(_ name: String, _ position: FileFault.Position) -> Bool {
    let letters = name.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
    }
    if (1...32).contains(name.utf8.count), letters { return true }
    reader.fault(
      position, "an account's name is 1 to 32 of a-z, 0-9, - and _: write `matrix` or `chat-2`")
    return false
  }

  private mutating func readAccount(_ name: String, _ field: Fields.Field) -> Config.Account? {
    guard case .mapping(let mapping) = field.node else {
      reader.fault(
        field.at, "account \(name) has no settings: write `platform: matrix` below it, indented")
      return nil
    }
    let platform = mapping.first { $0.key.string == "platform" }?.value
    switch platform?.string {
    case "matrix": return readMatrix(name, field)
    case "telegram": return readTelegram(name, field)
    case let other?:
      reader.fault(
        platform.map(ConfigReader.place),
        ConfigReader.unknown(other, among: Self.platforms, of: "the platforms"))
    case nil:
      reader.fault(
        field.at, "account \(name) has no `platform`: write `platform: matrix` or another")
    }
    return nil
  }

  private mutating func readMatrix(_ name: String, _ field: Fields.Field) -> Config.Account? {
    let fields = reader.fields(
      field.node, of: "account \(name)", at: field.at,
      keys: [
        "platform", "homeserver", "user", "token_file", "password_file", "invite",
        "trusted_bridges",
      ], wrong: Self.inline(["token", "access_token", "password"]))
    let homeserver = server("homeserver", fields, write: "https://matrix.example.org")
    let user = reader.needed("user", in: fields, write: "\"@crewbell:example.org\"")
    if let user, !MatrixNames.isUser(user.value) {
      reader.fault(
        user.position, "`user` is a whole Matrix id: write \"@crewbell:example.org\"")
    }
    let login: Config.Account.Login =
      fields.fields["password_file"] == nil ? .token : .password
    let secret = readSecret(fields, either: ["token_file", "password_file"])
    let invite = patterns("invite", fields, MatrixNames.faultOfInviter, "\"*:example.org\"")
    let bridges = patterns(
      "trusted_bridges", fields, MatrixNames.faultOfBridge, "\"@telegram_*:example.org\"",
      isNeeded: false)
    guard let homeserver, let user, let secret, let invite, let bridges else { return nil }
    return Config.Account(
      name: name,
      kind: .matrix(
        homeserver: homeserver, user: user.value, login: login, trustedBridges: bridges),
      secret: secret.value, invite: invite, position: field.at)
  }

  private mutating func readTelegram(_ name: String, _ field: Fields.Field) -> Config.Account? {
    let fields = reader.fields(
      field.node, of: "account \(name)", at: field.at,
      keys: ["platform", "base_url", "token_file", "invite"],
      wrong: Self.inline(["token", "bot_token"]))
    let baseURL =
      fields.fields["base_url"] == nil
      ? "https://api.telegram.org" : server("base_url", fields, write: "https://api.telegram.org")
    let secret = readSecret(fields, either: ["token_file"])
    if let secret, !Self.isTelegramToken(secret.value.reveal()) {
      reader.fault(
        secret.position,
        "what stands in this file is no Telegram token: put in what @BotFather gave, 123456:ABC…")
    }
    let invite = patterns("invite", fields, Self.faultOfTelegramUser, "4711")
    guard let baseURL, let secret, let invite else { return nil }
    return Config.Account(
      name: name, kind: .telegram(baseURL: baseURL), secret: secret.value, invite: invite,
      position: field.at)
  }

  private static let inlineKeys = ["token", "access_token", "bot_token", "password"]

  private static func inline(_ keys: [String]) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: keys.map { key in
        let what = key == "password" ? "password" : "token"
        return (
          key,
          "a \(what) never stands in this file: put it alone into a file of mode 0600 and write "
            + "`\(what)_file: <that file>`"
        )
      })
  }

  private mutating func server(_ key: String, _ fields: Fields, write example: String) -> String? {
    guard let address = reader.needed(key, in: fields, write: example) else { return nil }
    if let wrong = WebAddress.faultOfServer(address.value) {
      reader.fault(address.position, wrong)
      return nil
    }
    return address.value.hasSuffix("/") ? String(address.value.dropLast()) : address.value
  }

  /// The secret that exactly one of the keys names.
  private mutating func readSecret(_ fields: Fields, either keys: [String]) -> Placed<Secret>? {
    let given = fields.order.filter(keys.contains)
    guard let key = given.first else {
      // Of a secret in the wrong place enough has been said.
      let told = Self.inlineKeys.contains { fields.rejected.contains($0) }
      if told || !keys.allSatisfy(fields.lacks) { return nil }
      let examples = keys.map { "`\($0): \(fields.secretExample)`" }.joined(separator: " or ")
      reader.fault(fields.at, "\(fields.what) has no secret: write \(examples)")
      return nil
    }
    if given.count > 1, let second = fields.fields[given[1]] {
      reader.fault(second.at, "`\(key)` and `\(given[1])` stand together: keep one of the two")
    }
    guard let path = reader.text(key, in: fields) else { return nil }
    if Self.isSecretItself(path.value) {
      reader.fault(
        path.position,
        "`\(key)` takes the name of a file, and this looks like the secret itself: put it into a "
          + "file of mode 0600, and ask the platform for another: this one has been written here"
      )
      return nil
    }
    do {
      let files = SecretFiles(folder: folder, environment: surroundings.environment)
      return Placed(try files.read(path.value), at: path.position)
    } catch {
      reader.fault(path.position, error.text)
      return nil
    }
  }

  /// Telegram's tokens are a number, a colon and letters; Synapse's begin with `syt_` or `mct_`.
  private static func isSecretItself(_ path: String) -> Bool {
    isTelegramToken(path) || path.hasPrefix("syt_") || path.hasPrefix("mct_")
  }

  private static func isTelegramToken(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
      && parts[0].utf8.allSatisfy { (0x30...0x39).contains($0) }
      && parts[1].unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || (0x30...0x39).contains($0.value)
            || $0 == "_" || $0 == "-")
      }
  }

  private static func faultOfTelegramUser(_ pattern: String) -> String? {
    let isNumber = !pattern.isEmpty && pattern.utf8.allSatisfy { (0x30...0x39).contains($0) }
    if pattern == "*" || isNumber { return nil }
    return "a Telegram user is written as a number, such as 4711, because a name can be taken "
      + "over by somebody else; \"*\" is everybody"
  }

  /// A list in which every entry must pass `fault`.
  private mutating func patterns(
    _ key: String, _ fields: Fields, _ fault: (String) -> String?, _ example: String,
    isNeeded: Bool = true
  ) -> [String]? {
    guard fields.fields[key] != nil else {
      guard isNeeded else { return [] }
      reader.fault(
        fields.at,
        "\(fields.what) has no `\(key)`, so nobody could bring the bot into a room: write "
          + "`\(key): [\(example)]`")
      return nil
    }
    guard let list = reader.list(key, in: fields, write: example) else { return nil }
    for entry in list {
      if let wrong = fault(entry.value) { reader.fault(entry.position, wrong) }
    }
    return list.map(\.value)
  }
}

extension Fields {
  /// A file's name for the secret of this account.
  fileprivate var secretExample: String {
    "secrets/" + (what.split(separator: " ").last.map(String.init) ?? "token")
  }
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
    return "`\(YAMLText.shown(pattern))` is nobody: write \"@ana:example.org\", "
      + "\"*:example.org\" for everybody of a server, or \"*\" for everybody"
  }

  static func faultOfBridge(_ pattern: String) -> String? {
    let whole = pattern.replacing("*", with: "x", maxReplacements: 1)
    let server = pattern.split(separator: ":", maxSplits: 1).last ?? ""
    if isUser(whole), !server.contains("*"), !pattern.hasPrefix("@*") { return nil }
    return "`\(YAMLText.shown(pattern))` is no bridge's ghost: write \"@telegram_*:example.org\""
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
