import Crew
import Foundation
import Platforms
import Yams

extension Config {
  /// One bot account of one platform.
  public struct Account: Sendable, Equatable {
    /// Part of every identity and room that is stored: another name is another account.
    public var name: String
    public var kind: PlatformKind
    public var settings: AccountSettings
    /// Discloses what could not be confirmed instead of looking for it and sending it again.
    public var isStrict: Bool
    /// Where the account stands in the file, for what turns out later.
    public var position: FileFault.Position

    /// Who may bring the bot into a room.
    public var invite: [String] { settings.invite }
  }
}

extension Account {
  /// The account as the loop takes it.
  public init(_ config: Config.Account) {
    self.init(
      name: config.name, platform: config.kind.make(config.settings),
      // A password earns its token; nothing else may ever be sent as one.
      credential: config.settings.secrets["token_file"] ?? Credential(token: ""),
      isStrict: config.isStrict)
    slash = config.kind.slash?.make(config.settings)
  }
}

extension Config {
  /// Where posts may go besides the chats.
  var places: Places {
    Places(
      accounts.compactMap(\.place),
      recipients: Dictionary(
        uniqueKeysWithValues: accounts.map { ($0.name, $0.settings.list("recipients")) }
          .filter { !$0.1.isEmpty }))
  }
}

extension Config.Account {
  var summary: String {
    let who = "account \(name): \(kind.title), \(kind.summary(settings))"
    guard kind.invite != nil else { return who }
    let inviters = invite.isEmpty ? "nobody" : invite.joined(separator: ", ")
    return "\(who); invited by \(inviters)"
  }

  /// What `posts_for` and `what` say; nil for a chat.
  var place: Places.Place? {
    guard let ids = kind.places?(settings), !ids.isEmpty else { return nil }
    let rooms = settings.list("posts_for")
    return Places.Place(
      account: name, ids: ids, rooms: rooms.contains("*") ? nil : rooms.compactMap(Self.room),
      what: settings.list("what").compactMap(Places.What.init))
  }

  /// `matrix:!desk:example.org`: the account and the platform's own id of the room.
  static func room(_ text: String) -> Room? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    return Room(account: String(text[..<colon]), id: String(text[colon...].dropFirst()))
  }

  fileprivate var mark: String { "\(kind.name) \(kind.mark(settings))" }
}

extension Config.Draft {
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
    checkPlaces(accounts)
  }

  /// A copy of the posts of a room that no account is in would never come.
  private mutating func checkPlaces(_ accounts: Fields) {
    for account in config.accounts where account.kind.places != nil {
      for text in account.settings.list("posts_for") where text != "*" {
        guard let room = Config.Account.room(text), accounts.fields[room.account] == nil else {
          continue
        }
        reader.fault(
          account.position,
          "`posts_for` of account \(account.name) names the account "
            + "`\(YAMLText.shown(room.account))`, which is not in this file: write the name of one "
            + "of the accounts before the room")
      }
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
    guard let word = platform?.string else {
      reader.fault(
        field.at, "account \(name) has no `platform`: write `platform: matrix` or another")
      return nil
    }
    guard let kind = PlatformKind.all.first(where: { $0.name == word }) else {
      reader.fault(
        platform.map(ConfigReader.place),
        ConfigReader.unknown(word, among: PlatformKind.all.map(\.name), of: "the platforms"))
      return nil
    }
    return read(kind, name, field)
  }

  private mutating func read(_ kind: PlatformKind, _ name: String, _ field: Fields.Field)
    -> Config.Account?
  {
    let fields = reader.fields(
      field.node, of: "account \(name)", at: field.at, keys: kind.keysKnown,
      wrong: Self.inline(kind))
    let faultsBefore = reader.faults.count
    var settings = AccountSettings(account: name)
    for key in kind.keys { read(key, fields, &settings) }
    for keys in kind.secrets {
      guard let (key, secret) = readSecret(fields, keys) else { continue }
      settings.secrets[key] = Credential(token: secret.value.reveal())
    }
    if let key = kind.invite {
      guard let invite = patterns(key, fields) else { return nil }
      settings.invite = invite
    }
    let isStrict = flag("strict", fields)
    if reader.faults.count == faultsBefore, let wrong = kind.fault(settings) {
      reader.fault(field.at, "account \(name): \(wrong)")
    }
    // Of what is missing or wrong enough has been said.
    guard reader.faults.count == faultsBefore, fields.rejected.isEmpty else { return nil }
    return Config.Account(
      name: name, kind: kind, settings: settings, isStrict: isStrict, position: field.at)
  }

  private mutating func read(
    _ key: PlatformKind.Key, _ fields: Fields, _ settings: inout AccountSettings
  ) {
    switch key.shape {
    case .server(let standard):
      if fields.fields[key.name] == nil, let standard {
        settings.texts[key.name] = standard
      } else if key.isNeeded || fields.fields[key.name] != nil {
        settings.texts[key.name] = server(key.name, fields, write: key.example)
      }
    case .text:
      let value =
        key.isNeeded
        ? reader.needed(key.name, in: fields, write: key.example)
        : fields.fields[key.name] == nil ? nil : reader.text(key.name, in: fields)
      guard let value else { return }
      if let wrong = key.fault(value.value) { reader.fault(value.position, wrong) }
      settings.texts[key.name] = value.value
    case .list: settings.lists[key.name] = patterns(key, fields)
    case .flag: if flag(key.name, fields) { settings.flags.insert(key.name) }
    }
  }

  private mutating func flag(_ key: String, _ fields: Fields) -> Bool {
    guard fields.fields[key] != nil, let value = reader.text(key, in: fields) else { return false }
    if ["true", "false"].contains(value.value) { return value.value == "true" }
    reader.fault(value.position, "`\(key)` is true or false: write `\(key): true`")
    return false
  }

  /// A secret that stands in the file itself, by the names it is likely to have there.
  private static func inline(_ kind: PlatformKind) -> [String: String] {
    var wrong: [String: String] = [:]
    for file in kind.secrets.flatMap(\.names) {
      let what = String(file.dropLast("_file".count))
      for key in [what, "access_\(what)", "bot_\(what)"] {
        wrong[key] =
          "a \(what) never stands in this file: put it alone into a file of mode 0600 and write "
          + "`\(file): <that file>`"
      }
    }
    return wrong
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
  private mutating func readSecret(_ fields: Fields, _ keys: PlatformKind.SecretKeys)
    -> (key: String, secret: Placed<Secret>)?
  {
    let given = fields.order.filter(keys.names.contains)
    guard let key = given.first else {
      // Of a secret in the wrong place enough has been said.
      let told = !fields.rejected.isEmpty
      if told || !keys.isNeeded || !keys.names.allSatisfy(fields.lacks) { return nil }
      let examples = keys.names.map { "`\($0): \(fields.secretExample)`" }
        .joined(separator: " or ")
      reader.fault(fields.at, "\(fields.what) has no secret: write \(examples)")
      return nil
    }
    if given.count > 1, let second = fields.fields[given[1]] {
      reader.fault(second.at, "`\(key)` and `\(given[1])` stand together: keep one of the two")
    }
    guard let path = reader.text(key, in: fields) else { return nil }
    let looksSecret = PlatformKind.all.flatMap(\.secrets).contains { $0.isSecretItself(path.value) }
    if looksSecret {
      reader.fault(
        path.position,
        "`\(key)` takes the name of a file, and this looks like the secret itself: put it into a "
          + "file of mode 0600, and ask the platform for another: this one has been written here"
      )
      return nil
    }
    do {
      let files = SecretFiles(folder: folder, environment: surroundings.environment)
      let secret = Placed(
        try files.read(path.value, isDocument: keys.isDocument), at: path.position)
      if let wrong = keys.fault(secret.value.reveal()) { reader.fault(secret.position, wrong) }
      return (key, secret)
    } catch {
      reader.fault(path.position, error.text)
      return nil
    }
  }

  /// A list in which every entry must be right.
  private mutating func patterns(_ key: PlatformKind.Key, _ fields: Fields) -> [String]? {
    guard fields.fields[key.name] != nil else {
      guard key.isNeeded else { return [] }
      let why = key.name == "invite" ? ", so nobody could bring the bot into a room" : ""
      reader.fault(
        fields.at,
        "\(fields.what) has no `\(key.name)`\(why): write `\(key.name): [\(key.example)]`")
      return nil
    }
    guard let list = reader.list(key.name, in: fields, write: key.example) else { return nil }
    for entry in list {
      guard let wrong = key.fault(entry.value) else { continue }
      // Somebody's letters may be anything; they are shown as they can be read.
      let shown = YAMLText.shown(entry.value)
      reader.fault(entry.position, wrong.replacing(entry.value, with: shown))
    }
    return list.map(\.value)
  }
}

extension PlatformKind {
  fileprivate var keysKnown: [String] {
    ["platform"] + keys.map(\.name) + secrets.flatMap(\.names)
      + (invite.map { [$0.name] } ?? []) + ["strict"]
  }
}

extension Fields {
  /// A file's name for the secret of this account.
  fileprivate var secretExample: String {
    "secrets/" + (what.split(separator: " ").last.map(String.init) ?? "token")
  }
}
