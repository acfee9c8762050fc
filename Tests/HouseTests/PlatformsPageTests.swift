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
    return page
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
