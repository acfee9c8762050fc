import Crew
import Foundation
import Ledger
import Platforms

/// The protocol that the virtual chat speaks. Fields and records stand between separators, because
/// a simulation spends its time on the daemon and not on JSON.
struct Wire: Platform {
  static let field: Character = "\u{1F}"
  static let record: Character = "\u{1E}"
  /// The chat knows a key for 72 h; by less, so that a clock wrong by 14 h cannot matter.
  static let takesOnce = Resend.sameKey(forSeconds: 20 * 3600)
  /// Longer than any request is on its way; see `Realm.lateMinutesMax`.
  static let readsBack = Resend.readBack(afterSeconds: 2 * 3600, sameKeySeconds: 0)

  let account: String
  let resend: Resend

  private var takesKeyOnce: Bool { resend == Self.takesOnce }

  var abilities: Abilities {
    let rate = Abilities.Rate(perSecond: 5, burst: 20)
    return Abilities(
      threads: takesKeyOnce, reactions: true, edits: false, directNeedsContact: true,
      resend: resend, lengthMax: 4096, lengthUnit: .utf16, roomRate: rate, accountRate: rate,
      prefix: "/", threadsUnderMessages: takesKeyOnce)
  }

  // MARK: Reading

  func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    HTTPRequest(.get, "http://\(account)/updates?\(cursor ?? "")")
  }

  /// The cursor is a place in the stream; `history` where the chat has forgotten ours.
  func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    switch response.status {
    case 200: break
    case 410: return Intake(cursor: "history")
    case 401: throw .refused("not accepted")
    case 429: throw .retry(afterSeconds: 30, "too many")
    default: throw .retry(afterSeconds: nil, "status \(response.status)")
    }
    let records = String(decoding: response.body, as: UTF8.self).split(
      separator: Self.record, omittingEmptySubsequences: false)
    guard let last = records.last, last.hasPrefix("next "), let place = Int(last.dropFirst(5))
    else { throw .retry(afterSeconds: nil, "no updates") }
    var messages: [Message] = []
    for record in records.dropLast() {
      guard let message = Letter(record)?.message(account) else {
        throw .retry(afterSeconds: nil, "no update")
      }
      messages.append(message)
    }
    return Intake(messages: messages, cursor: String(place))
  }

  // MARK: Writing

  func request(
    for post: Post, to target: Target, key: String, progress: Platforms.Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    var fields = [key]
    switch target {
    case .room(let room): fields += ["room", room.id]
    case .direct(let identity): fields += ["direct", identity.user]
    }
    var isRepeatable = takesKeyOnce
    if case .reaction(let emoji, let id) = post.kind {
      fields += ["reaction", id, emoji]
      isRepeatable = true
    } else {
      fields += ["message", post.inReplyTo ?? "", post.text.plain(prefix: "/")]
    }
    return HTTPRequest(
      .post, "http://\(account)/send",
      body: Data(fields.joined(separator: String(Self.field)).utf8), isRepeatable: isRepeatable)
  }

  func delivery(of response: HTTPResponse, progress: Platforms.Progress?) -> Delivery {
    let body = String(decoding: response.body, as: UTF8.self)
    switch response.status {
    case 200: return body.hasPrefix("id ") ? .sent(id: String(body.dropFirst(3))) : .unknown
    case 301: return .moved(to: body)
    case 401: return .retry(afterSeconds: nil)
    case 403: return .refused("may not")
    case 429: return .retry(afterSeconds: Double(body))
    default: return .unknown
    }
  }
}

// Looking for a post of unknown fate.
extension Wire {
  func lookup(
    for post: Post, to target: Target, key: String, sending: Platforms.Progress?, since: Instant,
    step: Platforms.Progress?, with credential: Credential
  ) -> HTTPRequest? {
    HTTPRequest(.get, "http://\(account)/find?\(key)&\(step ?? "0")")
  }

  func finding(
    in response: HTTPResponse, for post: Post, key: String, step: Platforms.Progress?
  ) -> Finding {
    let body = String(decoding: response.body, as: UTF8.self)
    guard response.status == 200 else { return .unknown }
    if body.hasPrefix("id ") { return .found(id: String(body.dropFirst(3))) }
    if body.hasPrefix("more ") { return .next(String(body.dropFirst(5))) }
    return body == "absent" ? .absent : .unknown
  }
}

/// An update as it stands on the wire.
extension Letter {
  init?(_ record: Substring) {
    let fields = record.split(separator: Wire.field, omittingEmptySubsequences: false)
    guard fields.count == 8, let sender = SenderKind(rawValue: String(fields[4])),
      let kind = Self.kind(fields[5]), let sentAt = Int64(fields[6])
    else { return nil }
    self.init(
      id: String(fields[0]), room: String(fields[1]), isDirect: fields[2] == "direct",
      user: String(fields[3]), sender: sender, kind: kind,
      sentAt: Instant(milliseconds: sentAt), text: String(fields[7]))
  }

  var isMove: Bool { if case .moved = kind { true } else { false } }

  var record: String {
    [
      id, room, isDirect ? "direct" : "room", user, sender.rawValue, kindWord,
      String(sentAt.milliseconds), text,
    ].joined(separator: String(Wire.field))
  }

  private var kindWord: String {
    switch kind {
    case .text: "text"
    case .edit(let id): "edit \(id)"
    case .invited: "invited"
    case .joined: "joined"
    case .left: "left"
    case .removed: "removed"
    case .moved(let id): "moved \(id)"
    case .unreadable: "unreadable"
    case .gap: "gap"
    case .ignored(let why): "ignored \(why)"
    }
  }

  private static func kind(_ word: Substring) -> Message.Kind? {
    let parts = word.split(separator: " ", maxSplits: 1).map(String.init)
    switch (parts.first, parts.count) {
    case ("text", _): return .text
    case ("edit", 2): return .edit(of: parts[1])
    case ("invited", _): return .invited
    case ("joined", _): return .joined
    case ("left", _): return .left
    case ("removed", _): return .removed
    case ("moved", 2): return .moved(to: parts[1])
    case ("gap", _): return .gap
    case ("ignored", 2): return .ignored(parts[1])
    default: return nil
    }
  }

  func message(_ account: String) -> Message {
    Message(
      id: id, room: Room(account: account, id: room), isDirect: isDirect,
      sender: Identity(account: account, user: user), senderName: user, senderKind: sender,
      kind: kind, body: pieces(account), roomName: "Desk", sentAt: sentAt)
  }

  private func pieces(_ account: String) -> [Piece] {
    guard text.contains("@") else { return [.text(text)] }
    var pieces: [Piece] = []
    for word in text.split(separator: " ") {
      if word.hasPrefix("@"), word.count > 1 {
        let name = String(word.dropFirst())
        pieces.append(.mention(Identity(account: account, user: name), shown: name))
        pieces.append(.text(" "))
      } else {
        pieces.append(.text(word + " "))
      }
    }
    return pieces
  }
}
