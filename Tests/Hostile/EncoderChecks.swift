import Crew
import Platforms

/// The promise of every encoder, for any platform: what a person wrote is seen as they wrote it;
/// it pings nobody, links nowhere and formats nothing. Checked by a reader of the platform's own
/// markup that shares no line with the encoder.
public struct EncoderChecks: Sendable {
  public let platform: any Platform
  public let account: String
  public let target: Target
  /// The platform's id of somebody who may be pinged there.
  public let user: String
  public let credential: Credential
  /// How the platform itself writes the name of `user`, where it does; nil where it is ours.
  public let mention: String?
  /// What is left there of a look: not every markup can set a block in bold, some can set nothing.
  public let looks: @Sendable (Style) -> Style
  /// Whether a stretch that is to be bold can be.
  public let isBold: @Sendable (Run) -> Bool
  /// How a backtick is shown in code, where its own would end it.
  public let backtick: String
  /// Whether `hostile_reader.py` reads it too, by what others wrote.
  public let isReadByOthers: Bool
  /// How our reader shows a moment, where each reader is shown their own clock.
  public let stamp: (@Sendable (Instant) -> String)?
  /// How far a post has come when its text is sent, with `user` looked up.
  public let progress: Platforms.Progress?
  /// Every text that the request would show, the last one being what stays.
  public let read: @Sendable (HTTPRequest) throws -> [Seen]

  public init(
    _ platform: any Platform, account: String, room: String, user: String,
    credential: Credential, mention: String? = nil,
    looks: @escaping @Sendable (Style) -> Style = { $0 },
    isBold: @escaping @Sendable (Run) -> Bool = { _ in true }, backtick: String = "`",
    isReadByOthers: Bool = false, stamp: (@Sendable (Instant) -> String)? = nil,
    progress: Platforms.Progress? = nil,
    read: @escaping @Sendable (HTTPRequest) throws -> [Seen]
  ) {
    self.platform = platform
    self.account = account
    self.user = user
    target = .room(Room(account: account, id: room))
    self.credential = credential
    self.mention = mention
    self.looks = looks
    self.isBold = isBold
    self.backtick = backtick
    self.isReadByOthers = isReadByOthers
    self.stamp = stamp
    self.progress = progress
    self.read = read
  }

  /// What goes wrong with this tree; empty if nothing does.
  public func harms(of markup: Markup) -> [String] {
    let wanted = wanted(of: markup)
    return posts(of: markup).flatMap { post -> [String] in
      let request = Meter.product {
        platform.request(
          for: post, to: target, key: "m1.7", progress: progress, with: credential)
      }
      do {
        let seen = try read(request)
        let mayCut = Self.size(of: markup) >= platform.abilities.lengthMax / 8
        let harms = seen.compactMap { $0.harm(wanted: wanted, mayCut: mayCut) }
        return seen.isEmpty ? ["shows nothing"] : harms
      } catch {
        return ["\(error)"]
      }
    }
  }

  /// What ought to be seen of a tree there.
  public func wanted(of markup: Markup) -> Seen {
    // Where nothing is read nobody can be spoken to, and no command be typed.
    let can = platform.abilities
    let account = can.reads ? account : ""
    var wanted = Seen(of: markup, account: account, prefix: can.reads ? can.prefix : "")
    for index in wanted.runs.indices {
      if !isBold(wanted.runs[index]) { wanted.runs[index].style.remove(.strong) }
      if let mention, wanted.runs[index].person == user { wanted.runs[index].text = mention }
      if let shown = moment(wanted.runs[index]) { wanted.runs[index].text = shown }
      if !wanted.runs[index].style.isDisjoint(with: [.code, .block]) {
        wanted.runs[index].text = wanted.runs[index].text.unicodeScalars
          .map { $0 == "`" ? backtick : String($0) }.joined()
      }
      wanted.runs[index].style = looks(wanted.runs[index].style)
    }
    return wanted
  }

  private func moment(_ run: Run) -> String? {
    run.moment.flatMap { stamp?($0) }
  }

  private func posts(of markup: Markup) -> [Post] {
    let message = Post(text: markup)
    guard platform.abilities.edits else { return [message] }
    return [message, Post(kind: .edit(of: editable), text: markup)]
  }

  /// An id of the form that each platform knows.
  private var editable: String {
    guard case .room(let room) = target else { return "" }
    return Int(room.id) != nil || room.id.hasPrefix("C") ? "\(room.id):7.000001" : "$m7"
  }

  /// The bytes of a tree, its marks counted as they may be written.
  private static func size(of markup: Markup) -> Int {
    markup.nodes.reduce(0) { size, node in
      switch node {
      case .text(let text), .table(let text), .command(let text): size + text.utf8.count + 40
      case .person(let name, _, _): size + name.utf8.count + 80
      case .strong(let inner): size + Self.size(of: inner) + 40
      case .moment(let words, _, _): size + max(words.utf8.count, 40) + 40
      case .lineBreak: size + 4
      }
    }
  }

  /// Every way in which a text from a person enters a post; of what is long only those that differ
  /// in what is cut.
  public func trees(with text: String) -> [Markup] {
    let all = allTrees(with: text)
    return text.utf8.count > 1000 ? [all[0], all[2], all[4]] : all
  }

  /// 2026-11-27 12:00 in UTC.
  private var noon: Instant { Instant(seconds: 1_795_780_800) }

  private func allTrees(with text: String) -> [Markup] {
    let other = Identity(account: "elsewhere", user: text)
    return [
      Markup(text),
      Markup([.text("✓ #1 "), .text(text), .text(" — no date")]),
      Markup([.strong(Markup(text)), .text(text)]),
      Markup([.text("a"), .text(text), .text("b"), .lineBreak, .text(text)]),
      Markup([.table(text), .lineBreak, .text("after")]),
      Markup([.person(name: text, identities: [], pings: false)]),
      Markup([.text("for "), .person(name: text, identities: [other], pings: true)]),
      Markup([
        .text("for "),
        .person(
          name: text, identities: [Identity(account: account, user: user)], pings: true),
        .text(text),
      ]),
      Markup([.text("Try: "), .command("task add " + text)]),
      Markup([.text(text), .moment(words: text, at: noon, offsetSeconds: 3600), .text(text)]),
    ]
  }

  /// All hostile texts in all places.
  public func hostileHarms() -> [String] {
    HostileText.all.flatMap { text in
      trees(with: text).flatMap { tree in
        harms(of: tree).map { "\(text.debugDescription.prefix(80)): \($0)" }
      }
    }
  }
}
