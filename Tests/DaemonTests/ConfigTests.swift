import Crew
import Foundation
import Platforms
import Testing

@testable import Daemon

/// Each file in `Config/` is one config. What is to be said of it stands at its end:
/// `# expect 3:5: what is wrong, what to write`, or `# expect nothing`.
@Suite struct ConfigTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Config")
  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".yaml") }.sorted()

  @Test(arguments: names) func `a config is read as its last lines say`(name: String) throws {
    let home = try ConfigHome()
    let file = Self.folder.appending(path: name)
    let text = try String(contentsOf: file, encoding: .utf8)
    let found = home.faults(in: text)
    #expect(!found.joined().contains("CANARY"), "a secret is in the fault")
    if ProcessInfo.processInfo.environment["UPDATE"] == "1" {
      try ConfigHome.write(found, to: file, after: text)
    } else {
      #expect(found == ConfigHome.expected(in: text))
    }
  }

  @Test func `there are as many configs as anybody could get wrong`() {
    #expect(Self.names.count > 50)
  }

  @Test func `everything in a good config arrives`() throws {
    let home = try ConfigHome()
    let text = try String(contentsOf: Self.folder.appending(path: "good.yaml"), encoding: .utf8)
    let config = try home.read(text)
    #expect(config.state == "/var/lib/crewbell")
    #expect(config.zone == "Europe/Berlin")
    #expect(config.language == "zh")
    #expect("\(config.logLevel)" == "debug")
    #expect(config.accounts.map(\.name) == ["matrix", "demo"])
    let matrix = try #require(config.accounts.first)
    #expect(matrix.kind == .matrix)
    #expect(matrix.settings["homeserver"] == "https://matrix.example.org")
    #expect(matrix.settings["user"] == "@crewbell:example.org")
    #expect(matrix.settings.list("trusted_bridges") == ["@telegram_*:example.org"])
    #expect(
      config.accounts.map { $0.settings.secrets["token_file"]?.token }
        == ["syt_good", "123456:ABC-def"])
    #expect(config.admission.allows(Identity(account: "matrix", user: "@ben:example.org")))
    #expect(!config.admission.allows(Identity(account: "matrix", user: "@eve:evilexample.org")))
    #expect(config.admission.allows(Identity(account: "demo", user: "1")))
  }

  @Test func `places that are only posted to arrive with whose posts and which`() throws {
    let config = try ConfigHome().read(
      """
      accounts:
        matrix:
          platform: matrix
          homeserver: https://matrix.example.org
          user: "@crewbell:example.org"
          token_file: secrets/matrix
          invite: ["*"]
        mail:
          platform: email
          server: smtp://mail.example.org:587
          from: bell@example.org
          recipients: ["*@example.org"]
          to: [desk@example.org, boss@example.org]
          posts_for: ["matrix:!desk:example.org"]
          what: [digests, reminders]
        hook:
          platform: webhook
          url_file: secrets/hook-url
          secret_file: secrets/hook
          posts_for: ["*"]
          what: [digests]
      """)
    let room = Room(account: "matrix", id: "!desk:example.org")
    #expect(
      config.admission.places
        == Places(
          [
            .init(
              account: "mail", ids: ["desk@example.org", "boss@example.org"], rooms: [room],
              what: [.digests, .reminders]),
            .init(account: "hook", ids: ["hook"], rooms: nil, what: [.digests]),
          ], recipients: ["mail": ["*@example.org"]]))
    #expect(!config.summary.joined().contains("CANARY"))
  }

  @Test func `a config without accounts may be checked and not run`() throws {
    let config = try ConfigHome().read("accounts:\n")
    #expect(config.summary.last == "no account yet: `crewbell run` needs one")
    #expect(throws: FileFaults.self) { try config.requireAccounts() }
  }

  @Test func `the shipped config is good and every example in it too`() throws {
    let home = try ConfigHome()
    let root = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
      .resolvingSymlinksInPath().deletingLastPathComponent()
    let shipped = root.appending(path: "config/crewbell.yaml")
    let text = try String(contentsOf: shipped, encoding: .utf8)
    #expect(home.faults(in: text) == [])
    // An explanation begins with `#` and one space, an example with `#` and its own indent.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let awake = lines.map { line in
      let isExample = line.hasPrefix("#  ") || !line.hasPrefix("# ") && line.count > 1
      return line.hasPrefix("#") && isExample ? line.dropFirst() : line
    }
    #expect(home.faults(in: awake.joined(separator: "\n")) == [])
    // One for each platform that is read, and some of those that are only posted to.
    let shown = Set(try home.read(awake.joined(separator: "\n")).accounts.map(\.kind.name))
    let kinds = Dictionary(grouping: PlatformKind.all) { $0.make($0.sample).abilities.reads }
    #expect(shown.isSuperset(of: (kinds[true] ?? []).map(\.name)))
    #expect(!shown.isDisjoint(with: (kinds[false] ?? []).map(\.name)))
  }

  @Test func `a config that is not there is told by its path`() {
    #expect(
      throws: FileFaults([
        FileFault(
          file: "/nowhere/c.yaml", "/nowhere/c.yaml cannot be opened: No such file or directory")
      ])
    ) {
      try Config.load("/nowhere/c.yaml", ConfigHome.surroundings)
    }
  }

  @Test func `state is where systemd says, unless the config says otherwise`() throws {
    let home = try ConfigHome()
    #expect(try home.read("accounts:\n").state == "./state")
    let given = ["STATE_DIRECTORY": "/var/lib/crewbell:/var/lib/other"]
    #expect(try home.read("accounts:\n", given).state == "/var/lib/crewbell")
    #expect(try home.read("state: here\n", given).state == home.folder.path + "/here")
  }

  @Test(arguments: [
    "http://127.0.0.1", "http://localhost:8008", "http://[::1]:8008/", "http://127.8.9.1",
    "https://example.org", "https://example.org:8448/base",
  ]) func `a token may be sent to`(address: String) {
    #expect(WebAddress.faultOfServer(address) == nil)
  }

  @Test(arguments: [
    "http://127.0.0.1.example.org", "http://127.0.0.1@example.org", "http://2130706433",
    "http://0x7f.0.0.1", "http://127.1", "http://localhost.example.org", "http://127.0.0.256",
    "https://example.org\\@evil.org", "https://a b", "https://", "https://:80",
    "file:///etc/shadow",
    "https://example.org:0", "https://example.org:99999", "https://example.org?x", "gopher://x",
    "https://example.org/\r\nx: y", "http://[::1", "http://[::1]x", "HTTP://127.0.0.1",
  ]) func `a token is never sent to`(address: String) {
    #expect(WebAddress.faultOfServer(address) != nil)
  }

  @Test func `the nearest name is meant, and nothing when none is near`() {
    let names = ["token_file", "password_file", "invite"]
    #expect(Nearest.of("tokenfile", among: names) == "token_file")
    #expect(Nearest.of("inivte", among: names) == "invite")
    #expect(Nearest.of("colour", among: names) == nil)
    #expect(Nearest.distance(Array("ab".unicodeScalars), Array("ba".unicodeScalars)) == 1)
  }
}
