import Foundation
import Platforms
import Testing

/// `docs/platforms.md`, made from what the platforms declare.
@Suite struct PlatformsPageTests {
  @Test func `the page of platforms is up to date`() throws {
    try House.expectPage("docs/platforms.md", is: Self.page(PlatformKind.all))
  }

  @Test func `every platform says what to do there`() {
    for kind in PlatformKind.all {
      #expect(!kind.steps.isEmpty && !kind.remarks.isEmpty, "\(kind.name)")
      #expect((kind.steps + kind.remarks).allSatisfy { $0.hasSuffix(".") }, "\(kind.name)")
    }
  }

  static func page(_ kinds: [PlatformKind]) -> String {
    var page = """
      # Platforms

      *Made from what each platform declares by `UPDATE=1 swift test --filter HouseTests`; do not
      edit it.*

      `crewbell doctor` tries each account that is configured and says what is wrong with it.

      | platform | commands | threads | ✅ as an answer | writes to a person | a post in doubt | longest post |
      |---|---|---|---|---|---|---|

      """
    for kind in kinds { page += row(kind.title, kind.make(kind.sample).abilities) + "\n" }
    for kind in kinds { page += section(kind) }
    return page + slash(kinds)
  }

  /// What lets platforms call, and what each needs for it.
  private static func slash(_ kinds: [PlatformKind]) -> String {
    var text = slashHead
    for kind in kinds {
      guard let slash = kind.slash else { continue }
      text += "\n### \(kind.title)\n\n"
      for (number, step) in slash.steps.enumerated() {
        let address = "https://bell.example.org/\(kind.name)"
        text += "\(number + 1). \(step.replacing("{address}", with: address))\n"
      }
    }
    return text
  }

  private static let slashHead = """

    ## Native slash commands

    Nothing of this is needed: `!task` and mentions are polled. With it people type `/crewbell task add renew cert`, and only they see that and the answer. It needs a name with a certificate that the platform can reach, and a proxy there; the daemon itself listens on 127.0.0.1 alone.

    1. The listener, in the config. The path of each account is its name.

       ```yaml
       listener:
         port: 8471
         address: https://bell.example.org
       ```

    2. The port, in the unit. As shipped it lets the daemon open none.

       ```
       sudo install -D -m 0644 systemd/listener.conf /etc/systemd/system/crewbell.service.d/listener.conf
       sudo systemctl daemon-reload && sudo systemctl restart crewbell
       ```

    3. The proxy. nginx:

       ```
       server {
         listen 443 ssl;
         server_name bell.example.org;
         ssl_certificate /etc/letsencrypt/live/bell.example.org/fullchain.pem;
         ssl_certificate_key /etc/letsencrypt/live/bell.example.org/privkey.pem;
         client_max_body_size 64k;
         location / { proxy_pass http://127.0.0.1:8471; }
       }
       ```

       or Caddy:

       ```
       bell.example.org {
         request_body {
           max_size 64KB
         }
         reverse_proxy 127.0.0.1:8471
       }
       ```

    4. What stands below for the platform, and then `crewbell doctor`, which tries both ends.

    - A call counts when it is signed over its bytes (Mattermost: shows the command's token), not older than five minutes (Mattermost tells no time), not longer than 64 KiB, and not known by the platform's own id; it is on the disk before the platform is answered, and from then on it is an update like any other.
    - Where the call cannot be stored, the person is told so at once, in words.
    - The answer goes by the way that the platform gives with the call, for as long as that lives (Slack and Mattermost: half an hour, five answers; Discord: a quarter of an hour), and after that to the person's direct chat. The way is a secret: in the state it is locked with `ephemeral.key`, which no backup takes along.
    - Whether an answer of unknown fate was shown nothing tells on Slack and Mattermost: it is not shown again, and the next one to that person says that one may be missing. On Discord the first answer takes the place of a promise and may be given again.
    - Others see nothing of it, except thanks: who thanks whom is told in the room.
    - A slash command is no message of the channel, so it is never polled besides.
    - The log says once an hour and at the end, as `calls heard`, how many commands of each account were `taken`, how many came again and were `known`, which were `refused` and why, how many people were told that nothing counts (`told_early`, `told_unstored`, `told_unsure`), how often the platform only asked whether somebody is there (`greeted`), and how long the answer to a command took, in the mean (`mean_ms`) and at most (`most_ms`); the platforms wait three seconds.
    - Slack's Socket Mode, which needs no address of one's own, is left out: the libcurl of Debian 12 has no WebSocket, and frames, masks, pings and reconnections of our own would be a second network beside it.

    """

  @Test func `the proxies of the page and the unit speak of the config's port`() throws {
    let config = try House.text("config/crewbell.yaml")
    #expect(config.contains("#  port: 8471\n"))
    #expect(try House.text("systemd/listener.conf").contains("SocketBindAllow=ipv4:tcp:8471\n"))
    #expect(try House.text("systemd/crewbell.service").contains("SocketBindDeny=any\n"))
    #expect(
      Self.slashHead.contains("127.0.0.1:8471;") && Self.slashHead.contains("127.0.0.1:8471\n"))
  }

  private static func row(_ title: String, _ can: Abilities) -> String {
    let cells = [
      title, can.reads ? "`\(can.prefix)task`" : "none: posts only", can.threads ? "yes" : "no",
      can.reactions ? "yes" : "in words", direct(can), doubt(can.resend),
      "\(can.lengthMax) \(unit(can.lengthUnit))",
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }

  private static func direct(_ can: Abilities) -> String {
    guard can.reads else { return "no" }
    return can.directNeedsContact ? "after they wrote first" : "yes"
  }

  private static func doubt(_ resend: Resend) -> String {
    switch resend {
    case .sameKey: "sent again, taken once"
    case .sameID: "sent again under the same id"
    case .readBack(let seconds, _): "looked for after \(seconds) s"
    case .never: "told in the next one"
    }
  }

  private static func unit(_ unit: Abilities.LengthUnit) -> String {
    switch unit {
    case .utf16: "UTF-16 units"
    case .codePoints: "characters"
    case .bytes: "bytes"
    }
  }

  private static func section(_ kind: PlatformKind) -> String {
    var text = "\n## \(kind.title)\n\n"
    for (number, step) in kind.steps.enumerated() { text += "\(number + 1). \(step)\n" }
    text += "\n```yaml\naccounts:\n  \(kind.name):\n    platform: \(kind.name)\n"
    for key in kind.keys where key.isNeeded {
      let isList = if case .list = key.shape { true } else { false }
      text += "    \(key.name): \(isList ? "[\(key.example)]" : key.example)\n"
    }
    for keys in kind.secrets where keys.isNeeded {
      text += "    \(keys.names[0]): secrets/\(kind.name)"
      if keys.names.count > 1 { text += "  # or \(keys.names.dropFirst().joined(separator: ", "))" }
      text += "\n"
    }
    if let invite = kind.invite { text += "    \(invite.name): [\(invite.example)]\n" }
    text += "```\n\n"
    for remark in kind.remarks { text += "- \(remark)\n" }
    return text
  }
}
