import Foundation
import Testing

@testable import Crew

@Suite struct PlacesTests {
  private static let room = Stage.room

  private func hook(_ what: Places.What..., rooms: [Room]? = [room]) -> Places {
    Places([.init(account: "hook", ids: ["hook"], rooms: rooms, what: what)])
  }

  private func transcript(_ script: String, _ places: Places) -> [String] {
    var stage = Stage(zone: "Europe/Berlin")
    stage.places = places
    _ = stage.play(script)
    return stage.transcript
  }

  @Test func `a place gets the week's digest once, however many managers there are`() {
    let script = """
      ana: !member manager @ben
      ana: !task add renew cert
      ben: !digest on
      ana: !digest on
      at mon 10:00
      at wed 10:00
      """
    let said = transcript(script, hook(.digests))
    let copies = said.filter { $0.hasPrefix("bell @ hook: ") }
    #expect(copies.count == 1)
    #expect(copies.first?.contains("Desk — week 48") == true)
    #expect(said.count { $0.hasPrefix("bell → ana: Desk — week 48") } == 1)
    #expect(said.count { $0.hasPrefix("bell → ben: Desk — week 48") } == 1)
  }

  @Test func `the digest of a place does not hang on anybody's own`() {
    let said = transcript("ana: !task add renew cert\nat mon 10:00", hook(.digests))
    #expect(said.count { $0.hasPrefix("bell @ hook: Desk — week 48") } == 1)
    #expect(!said.contains { $0.hasPrefix("bell → ana: Desk") })
  }

  @Test func `reminders of the room are copied, and what is said to one person is not`() {
    let script = """
      ana: !task add renew cert
      ana: !task add call Acme @ben due tue
      at fri 16:00
      """
    let said = transcript(script, hook(.reminders))
    let room = said.filter { $0.hasPrefix("bell: ") && $0.contains("`why") || $0.contains("(!why") }
      .filter { $0.hasPrefix("bell: ") }
    let copies = said.filter { $0.hasPrefix("bell @ hook: ") }
    #expect(!room.isEmpty)
    #expect(copies.map { $0.dropFirst(13) } == room.map { $0.dropFirst(6) })
    #expect(said.contains { $0.hasPrefix("bell → ben: ") })
  }

  @Test func `another team's posts go nowhere`() {
    let other = hook(
      .digests, .reminders, rooms: [Room(account: "chat", id: "other")])
    let said = transcript("ana: !task add renew cert\nat mon 10:00", other)
    #expect(!said.contains { $0.hasPrefix("bell @") })
    let all = transcript("ana: !task add renew cert\nat mon 10:00", hook(.digests, rooms: nil))
    #expect(all.contains { $0.hasPrefix("bell @ hook: Desk — week 48") })
  }

  @Test func `no place, no slot: one that is added later gets the next digest`() {
    var stage = Stage(zone: "Europe/Berlin")
    _ = stage.play("ana: !task add renew cert\nat mon 10:00")
    #expect(!stage.team.bell.isDecided("digest.posted/2026-11-30"))
    stage.places = hook(.digests)
    _ = stage.play("at mon 10:00")
    #expect(stage.transcript.contains { $0.hasPrefix("bell @ hook: Desk — week 49") })
  }

  static let mail = Places(recipients: ["mail": ["*@example.org", "ben@example.com"]])

  @Test func `a manager's digest goes to the address that was shown to be theirs`() throws {
    var stage = Stage(zone: "Europe/Berlin")
    stage.places = Self.mail
    _ = stage.play("ana: !task add renew cert\nana → bell: digest on")
    _ = stage.play("ana → bell: digest to an@Example.org")
    let letter = try #require(
      stage.transcript.last { $0.hasPrefix("bell → an@example.org: ana wants the digest of Desk") })
    let code = try #require(letter.components(separatedBy: "digest code ").last?.prefix(8))
    _ = stage.play("ben → bell: digest code \(code)\nana → bell: digest code abcdefgh")
    #expect(stage.team.digest.mailbox(of: Person(1)) == nil)
    _ = stage.play("ana → bell: digest code \(code)")
    #expect(stage.transcript.last?.contains("✓ Your digests go to your mail.") == true)
    // The code counts once.
    _ = stage.play("ana → bell: digest to chat\nana → bell: digest code \(code)")
    #expect(stage.team.digest.mailbox(of: Person(1)) == nil)
    _ = stage.play("ana → bell: undo")
    #expect(stage.team.digest.mailbox(of: Person(1))?.user == "an@example.org")
    _ = stage.play("at mon 10:00")
    #expect(stage.transcript.count { $0.hasPrefix("bell → an@example.org: Desk — week 48") } == 1)
    #expect(!stage.transcript.contains { $0.hasPrefix("bell → ana: Desk — week 48") })
    // The operator takes the right to that address away: the digest is not lost.
    stage.places = Places()
    _ = stage.play("at mon 10:00")
    #expect(stage.transcript.contains { $0.hasPrefix("bell → ana: Desk — week 49") })
  }

  @Test func `an address is told alone, allowed by the operator, and not too often`() {
    check(
      """
      ana: !digest to an@example.org
      bell: ✗ An address is nobody else's business: tell me in a chat alone.
      ana → bell: digest to an@example.com
      bell → ana: ✗ I may not write to that address. Which other one? Try: !digest short
      ana → bell: digest to an@example.org,eve@example.com
      bell → ana: ✗ I may not write to that address. Which other one? Try: !digest short
      ben → bell: digest to ben@example.com
      bell → ben: ✗ The digest is for managers of this team. Try: !report me last week
      """, places: Self.mail)
    var stage = Stage(zone: "Europe/Berlin")
    stage.places = Self.mail
    for _ in 1...4 { _ = stage.play("ana → bell: digest to an@example.org") }
    #expect(stage.transcript.count { $0.hasPrefix("bell → an@example.org") } == 3)
    #expect(stage.transcript.last?.contains("I have sent enough codes") == true)
  }

  @Test func `an address stands neither in the room nor in the audit`() throws {
    var stage = Stage(zone: "Europe/Berlin")
    stage.places = Self.mail
    _ = stage.play("ana: !task add renew cert\nana → bell: digest to an@example.org")
    let code = try #require(
      stage.transcript.last?.components(separatedBy: "digest code ").last?.prefix(8))
    _ = stage.play("ana → bell: digest code \(code)\nana: !audit\nana: !team\nat mon 10:00")
    let room = stage.transcript.filter { $0.hasPrefix("bell: ") || $0.hasPrefix("bell ⤷") }
    #expect(!room.joined().contains("an@example.org"))
    #expect(
      !stage.transcript.contains {
        $0.hasPrefix("bell → ana") && $0.contains("digest code \(code)")
      })
  }

  @Test func `a refused address: the digest comes in the chat again, and its reader is told`() {
    var team = Team(id: "t")
    let mailbox = Identity(account: "mail", user: "an@example.org")
    let person = Person(1)
    team.apply(
      .members(.joined(person, name: "ana", identity: Identity(account: "chat", user: "ana"))),
      at: Instant(seconds: 0))
    team.apply(.digest(.mailboxChosen(person, mailbox)), at: Instant(seconds: 0))
    let follows = team.mailRefused(mailbox, words: Words())
    #expect(follows.map(\.event) == [.digest(.mailboxChosen(person, nil))])
    #expect(follows.first?.post?.target == .direct(Identity(account: "chat", user: "ana")))
    for follow in follows { team.apply(follow.event, at: Instant(seconds: 1)) }
    #expect(team.mailRefused(mailbox, words: Words()).isEmpty)
  }

  @Test(arguments: [
    "a@b", "a@b@c.de", "a b@c.de", "a@c..de", "a@-c.de", ".a@c.de", "a\r\nBcc: x@c.de", "ä@c.de",
    "a@ç.de", "<a@c.de>", "a@c.de>", "", "@c.de", "a@", "a@c.de\u{0}",
  ]) func `what is no address is none`(text: String) {
    #expect(MailAddress(text) == nil)
  }

  @Test func `a pattern is about a whole domain`() {
    #expect(MailAddress.matches("*@example.org", "ana@example.org"))
    #expect(!MailAddress.matches("*@example.org", "ana@evilexample.org"))
    #expect(!MailAddress.matches("*@example.org", "ana@sub.example.org"))
    #expect(MailAddress("Ana@EXAMPLE.org")?.description == "Ana@example.org")
  }

  @Test func `a long text is broken at the ends of lines, and nothing is lost`() {
    let lines = (1...40).map { Markup("line \($0)") }
    let text = Markup.lines(lines)
    let parts = text.parts(atMost: 50) { $0.plain(prefix: "").count }
    #expect(parts.count > 5)
    #expect(parts.allSatisfy { $0.plain(prefix: "").count <= 50 })
    #expect(
      parts.map { $0.plain(prefix: "") }.joined(separator: "\n") == text.plain(prefix: ""))
  }

  @Test func `a command is spelled as it works where it can be typed`() {
    let text = Markup([.text("now: "), .strong(Markup([.command("digest")])), .lineBreak])
    #expect(text.spelled(prefix: "/").plain(prefix: "") == "now: /digest\n")
  }
}
