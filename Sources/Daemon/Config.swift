import Crew
import Foundation
import Logging
import Yams

/// What the operator chose, from `crewbell.yaml`. Secrets are read with it, each from its own file.
public struct Config: Sendable, Equatable {
  /// What `crewbell` exits with when the config is at fault (`EX_CONFIG` of sysexits.h), so that
  /// systemd does not start it again and again.
  public static let exitCode: Int32 = 78

  /// The path it was read from.
  public var file: String
  /// The folder of everything that is kept.
  public var state: String
  /// What a new team starts with.
  public var zone = "UTC"
  public var language = "en"
  public var logLevel = Logger.Level.info
  public var network = Network()
  public var limits = Limits()
  /// Where platforms may call; nil where nothing listens, as it is without the key.
  public var listener: ListenerSettings?
  /// In the order of the file.
  public var accounts: [Account] = []

  public struct Network: Sendable, Equatable {
    /// A PEM file of authorities to trust instead of the system's.
    public var caFile: String?
    /// `http://host:port`, `https://…` or `socks5h://…`.
    public var proxy: String?
  }

  /// What reading a config depends on besides the file.
  public struct Surroundings: Sendable {
    public var environment: [String: String]
    public var zones: any Zones
    /// Codes of the languages there are.
    public var languages: [String]

    public init(environment: [String: String], zones: any Zones, languages: [String]) {
      self.environment = environment
      self.zones = zones
      self.languages = languages
    }
  }

  /// - Throws: everything that is wrong with the file and the secrets it names, at once.
  public static func load(_ path: String, _ surroundings: Surroundings) throws(FileFaults)
    -> Config
  {
    try read(YAMLText.load(path), file: path, surroundings)
  }

  /// The same for a text at hand. Faults call it `file`, and relative paths count from there.
  public static func read(
    _ text: String, file: String, _ surroundings: Surroundings
  ) throws(FileFaults) -> Config {
    let tree = try YAMLText.tree(text, file: file)
    var draft = Draft(file: file, surroundings)
    if let tree { draft.read(tree) }
    guard draft.reader.faults.isEmpty else { throw FileFaults(draft.reader.faults) }
    return draft.config
  }

  /// Throws when there is nothing to run. Checking such a file is fine, running it is not.
  public func requireAccounts() throws(FileFaults) {
    guard accounts.isEmpty else { return }
    throw FileFaults([
      FileFault(
        file: file,
        "no account yet: uncomment one of the examples below `accounts:` and put its token into "
          + "the file that it names")
    ])
  }

  /// Who may bring the bot into a room, and what a team starts with.
  public var admission: Admission {
    Admission(
      inviters: Dictionary(uniqueKeysWithValues: accounts.map { ($0.name, $0.invite) }),
      zone: zone, language: language, places: places)
  }

  /// What was understood, a line each, for `crewbell check-config`. Holds no secret.
  public var summary: [String] {
    var lines = [
      "state in \(state)", "new teams: zone \(zone), language \(language)",
      "log level \(logLevel.rawValue)",
    ]
    if let caFile = network.caFile { lines.append("trusting the authorities in \(caFile)") }
    if let proxy = network.proxy { lines.append("through the proxy \(proxy)") }
    if let listener { lines += listener.summary(accounts) }
    lines += accounts.map(\.summary)
    if accounts.isEmpty { lines.append("no account yet: `crewbell run` needs one") }
    return lines
  }
}

extension Config {
  /// A config on its way from text to value.
  struct Draft {
    var reader: ConfigReader
    var config: Config
    let surroundings: Surroundings
    let folder: String

    init(file: String, _ surroundings: Surroundings) {
      reader = ConfigReader(file: file)
      self.surroundings = surroundings
      let folder = (file as NSString).deletingLastPathComponent
      self.folder = folder.isEmpty ? "." : folder
      // systemd may name several folders with colons between them; ours is the first.
      let given = surroundings.environment["STATE_DIRECTORY"]?.split(separator: ":").first
      config = Config(file: file, state: given.map(String.init) ?? "./state")
    }

    mutating func read(_ tree: Node) {
      let top = reader.fields(
        tree, of: "the config",
        keys: ["state", "defaults", "log", "network", "limits", "listener", "accounts"])
      if let state = reader.text("state", in: top) { config.state = beside(state.value) }
      readDefaults(top)
      readLog(top)
      readNetwork(top)
      readLimits(top)
      readAccounts(top)
      readListener(top)
    }

    private mutating func readDefaults(_ top: Fields) {
      guard let field = top.fields["defaults"] else { return }
      let fields = reader.fields(
        field.node, of: "`defaults`", at: field.at, keys: ["zone", "language"])
      if let zone = reader.text("zone", in: fields) { readZone(zone) }
      guard let language = reader.text("language", in: fields) else { return }
      if surroundings.languages.contains(language.value) {
        config.language = language.value
      } else {
        reader.fault(
          language.position,
          "there is no language `\(YAMLText.shown(language.value))`: write one of "
            + surroundings.languages.joined(separator: ", "))
      }
    }

    private mutating func readZone(_ zone: Placed<String>) {
      if let name = surroundings.zones.named(zone.value) {
        config.zone = name
      } else {
        reader.fault(
          zone.position,
          "there is no time zone `\(YAMLText.shown(zone.value))`: write a name such as "
            + "`Europe/Berlin` (see `timedatectl list-timezones`)")
      }
    }

    private mutating func readLog(_ top: Fields) {
      guard let field = top.fields["log"] else { return }
      let fields = reader.fields(field.node, of: "`log`", at: field.at, keys: ["level"])
      guard let level = reader.text("level", in: fields) else { return }
      if let known = Logger.Level(rawValue: level.value) {
        config.logLevel = known
      } else {
        let names = Logger.Level.allCases.map(\.rawValue)
        reader.fault(level.position, ConfigReader.unknown(level.value, among: names, of: "`level`"))
      }
    }

    private mutating func readNetwork(_ top: Fields) {
      guard let field = top.fields["network"] else { return }
      let fields = reader.fields(
        field.node, of: "`network`", at: field.at, keys: ["ca_file", "proxy"])
      if let file = reader.text("ca_file", in: fields) {
        let path = beside(file.value)
        config.network.caFile = path
        if access(path, R_OK) != 0 {
          reader.fault(file.position, "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
      }
      if let proxy = reader.text("proxy", in: fields) {
        if let wrong = WebAddress.faultOfProxy(proxy.value) {
          reader.fault(proxy.position, wrong)
        } else {
          config.network.proxy = proxy.value
        }
      }
    }

    /// Paths count from the folder of the config file, wherever the daemon was started.
    func beside(_ path: String) -> String { path.hasPrefix("/") ? path : folder + "/" + path }
  }
}
