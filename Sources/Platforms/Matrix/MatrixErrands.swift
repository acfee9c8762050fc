import Crew
import Foundation

extension Matrix {
  /// A stranger may invite the bot ten thousand times; refusing is a courtesy, so only some wait.
  static let refusalsMax = 50
  static let errandsMax = 1000
  static let joinFailuresMax = 12
  static let otherFailuresMax = 3

  func request(
    for errand: Errand, _ memory: Memory, with credential: Credential
  ) -> HTTPRequest {
    switch errand.kind {
    case .join(let invite): join(invite.room, via: Self.server(of: invite.inviter), credential)
    case .refuse(let room): call(.post, ["rooms", room, "leave"], body: [:], with: credential)
    case .follow(let move): join(move.new, via: Self.server(of: move.sender), credential)
    case .prove(let move, _):
      call(.get, ["rooms", move.new, "state", "m.room.create"], with: credential)
    case .list(let room, let person, let lists):
      if let lists {
        putDirect(lists, adding: room, for: person, me: memory.me ?? "", with: credential)
      } else {
        getDirect(me: memory.me ?? "", with: credential)
      }
    }
  }

  private func join(_ room: String, via server: String, _ credential: Credential) -> HTTPRequest {
    var request = call(
      .post, ["join", room], query: server.isEmpty ? [] : [("via", server)], body: [:],
      with: credential)
    // A join over federation may take the other server a while.
    request.timeoutSeconds = 60
    return request
  }
}

extension Matrix.Errand.Kind {
  func isInvite(to room: String) -> Bool {
    switch self {
    case .join(let invite): invite.room == room
    case .refuse(let refused): refused == room
    default: false
    }
  }

  var failuresMax: Int {
    switch self {
    case .join, .follow, .prove: Matrix.joinFailuresMax
    case .refuse, .list: Matrix.otherFailuresMax
    }
  }

  var room: String {
    switch self {
    case .join(let invite): invite.room
    case .refuse(let room), .list(let room, _, _): room
    case .follow(let move), .prove(let move, _): move.new
    }
  }
}

extension Matrix.Reading {
  mutating func takeInvite(_ room: String, _ data: JSON, token: String) {
    let events = data["invite_state"]["events"].array ?? []
    let own = events.first { $0["type"] == "m.room.member" && $0["state_key"].string == me }
    guard let own, let inviter = own["sender"].string, own["content"]["membership"] == "invite"
    else { return complaints.append("an invitation into \(room) that names no inviter") }
    // Whatever we knew of this room ended when we left it.
    memory.rooms[room] = nil
    memory.errands.removeAll { $0.kind.isInvite(to: room) }
    if let move = memory.awaited[room] { return add(.follow(move)) }
    guard Matrix.matches(inviter, settings.invitersAllowed) else {
      complaints.append("\(inviter) may not invite: refused \(room)")
      let refusals = memory.errands.filter { if case .refuse = $0.kind { true } else { false } }
      if refusals.count < Matrix.refusalsMax { add(.refuse(room: room)) }
      return
    }
    let name = events.first { $0["type"] == "m.room.name" }?["content"]["name"].string
    add(
      .join(
        Matrix.Invite(
          room: room, inviter: inviter,
          inviterName: Matrix.names(in: events)[inviter] ?? Matrix.localpart(of: inviter),
          roomName: name.map { String($0.prefix(100)) },
          isDirect: own["content"]["is_direct"].bool == true, token: token)))
  }

  /// A tombstone: the room goes on elsewhere.
  mutating func follow(_ event: JSON, in room: String, names: [String: String]) {
    guard let new = event["content"]["replacement_room"].string, new.hasPrefix("!"), new != room,
      new.utf8.count <= 255, let sender = event["sender"].string,
      let id = event["event_id"].string
    else { return }
    let move = Matrix.Move(
      old: room, new: new, sender: sender,
      senderName: names[sender] ?? Matrix.localpart(of: sender), event: id)
    guard memory.awaited[new] == nil else { return }
    memory.awaited[new] = move
    add(memory.rooms[new] == nil ? .follow(move) : .prove(move, wasIn: true))
  }

  private mutating func add(_ kind: Matrix.Errand.Kind) {
    guard memory.errands.count < Matrix.errandsMax else {
      return complaints.append("too many invitations at once: left \(kind.room) alone")
    }
    memory.errands.append(Matrix.Errand(kind: kind))
  }

  /// The answer to an errand. A failing one waits its turn beside the stream and never stops it.
  mutating func takeErrand(_ index: Int, _ reply: Matrix.Reply) throws(PollFailure) {
    var errand = memory.errands.remove(at: index)
    if reply.isSuccess { return succeed(errand.kind, reply) }
    if case .list(let room, let person, nil) = errand.kind, reply.status == 404 {
      // No direct room was ever listed.
      return add(.list(room: room, person: person, lists: [:]))
    }
    // A rate limit heals for certain, so it does not count.
    if reply.status != 429 { errand.failures += 1 }
    if reply.mayHeal, errand.failures < errand.kind.failuresMax {
      let wish = Matrix(settings).wait(in: reply.response, reply.answer)
      postpone(errand, reply, seconds: wish ?? Double(5 << min(errand.failures, 6)))
      return
    }
    complaints.append(
      "could not \(errand.kind.words) \(errand.kind.room): status \(reply.status)"
        + Matrix(settings).code(in: reply.response))
    giveUp(errand.kind)
  }

  private mutating func postpone(_ errand: Matrix.Errand, _ reply: Matrix.Reply, seconds: Double) {
    var errand = errand
    if let now = reply.response.serverSeconds {
      let notBefore = now + Int64(seconds.rounded(.up))
      errand.notBeforeSeconds = notBefore
      // A rate limit is meant for all that wait here.
      for index in memory.errands.indices where reply.status == 429 {
        let own = memory.errands[index].notBeforeSeconds ?? notBefore
        memory.errands[index].notBeforeSeconds = max(own, notBefore)
      }
    } else {
      // Without the server's clock the stream has to wait along, but not long.
      waitSeconds = min(seconds, 30)
    }
    memory.errands.append(errand)
  }

  private mutating func giveUp(_ kind: Matrix.Errand.Kind) {
    // A move that needs an invitation waits for it; one that cannot be proved is forgotten.
    if case .prove(let move, _) = kind { memory.awaited[move.new] = nil }
  }

  private mutating func succeed(_ kind: Matrix.Errand.Kind, _ reply: Matrix.Reply) {
    switch kind {
    case .join(let invite):
      enter(invite.room, name: invite.roomName, isDirect: invite.isDirect)
      messages.append(invited(by: invite))
      if invite.isDirect { add(.list(room: invite.room, person: invite.inviter, lists: nil)) }
    case .refuse: break
    case .follow(let move):
      let old = memory.rooms[move.old]
      enter(move.new, name: old?.name, isDirect: old?.isDirect == true)
      add(.prove(move, wasIn: false))
    case .prove(let move, let wasIn): proved(move, wasIn: wasIn, reply)
    case .list(let room, let person, let lists):
      guard lists == nil else { return }
      let held = Matrix.lists(in: reply.answer)
      if held[person]?.contains(room) != true {
        add(.list(room: room, person: person, lists: held))
      }
    }
  }

  private mutating func enter(_ room: String, name: String?, isDirect: Bool) {
    var known = Matrix.KnownRoom()
    known.name = name
    known.isDirect = isDirect
    memory.rooms[room] = known
  }

  private func invited(by invite: Matrix.Invite) -> Message {
    Message(
      id: "invited/\(invite.room)/\(invite.token)",
      room: Room(account: settings.account, id: invite.room), isDirect: invite.isDirect,
      sender: Identity(account: settings.account, user: invite.inviter),
      senderName: invite.inviterName,
      senderKind: Matrix.senderKind(of: invite.inviter, trusted: settings.trustedBridges),
      kind: .invited, roomName: invite.roomName)
  }

  /// The new room must name the old one as its predecessor: else anybody could point their own
  /// room at another team's.
  private mutating func proved(_ move: Matrix.Move, wasIn: Bool, _ reply: Matrix.Reply) {
    memory.awaited[move.new] = nil
    guard reply["predecessor"]["room_id"].string == move.old else {
      complaints.append("\(move.new) is not the successor that \(move.old) says it is")
      if !wasIn {
        memory.rooms[move.new] = nil
        add(.refuse(room: move.new))
      }
      return
    }
    messages.append(
      Message(
        id: "moved/\(move.event)", room: Room(account: settings.account, id: move.old),
        sender: Identity(account: settings.account, user: move.sender),
        senderName: move.senderName, kind: .moved(to: move.new),
        roomName: memory.rooms[move.new]?.name))
  }
}

extension Matrix.Errand.Kind {
  fileprivate var words: String {
    switch self {
    case .join: "join"
    case .refuse: "leave"
    case .follow, .prove: "follow an upgrade into"
    case .list: "list as direct"
    }
  }
}
