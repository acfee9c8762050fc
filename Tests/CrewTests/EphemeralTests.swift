import Crew
import Testing

/// What becomes of the answers to a slash command.
@Suite struct EphemeralTests {
  private let room = Room(account: "chat", id: "desk")
  private let ana = Identity(account: "chat", user: "ana")
  private let way = Ephemeral(sealed: "x", until: Instant(seconds: 9))

  private func message(isSlash: Bool = true, isDirect: Bool = false) -> Message {
    var message = Message(id: "m1", room: room, isDirect: isDirect, sender: ana)
    if isSlash { message.ephemeral = way }
    return message
  }

  private func post(_ text: String, _ kind: Post.Kind = .message, to id: String?) -> Outgoing {
    Outgoing(
      .room(room), Post(kind: kind, text: Markup(text), inReplyTo: id, thread: "t"), .reply)
  }

  @Test func `what answers goes to the asker alone, by the way, in words`() {
    let posts = message().aside([
      post("one", to: "m1"), post("✓", .reaction("✅", on: "m1"), to: "m1"),
      Outgoing(.direct(ana), Post(text: "long"), .reply),
    ])
    #expect(posts.allSatisfy { $0.target == .direct(ana) && $0.post.kind == .message })
    #expect(posts.allSatisfy { $0.post.inReplyTo == nil && $0.post.thread == nil })
    #expect(posts.map(\.post.ephemeral?.number) == [0, 1, 2])
    #expect(posts.map(\.post.ephemeral?.sealed) == ["x", "x", "x"])
  }

  @Test func `what is for all, or for somebody else, stays as it is`() {
    let ben = Identity(account: "chat", user: "ben")
    let posts = [
      post("for all", to: nil), Outgoing(.direct(ben), Post(text: "yours"), .reminder),
      Outgoing(.direct(ana), Post(text: "a reminder"), .reminder),
    ]
    #expect(message().aside(posts) == posts)
    let answers = [post("one", to: "m1")]
    #expect(message(isSlash: false).aside(answers) == answers)
    // Where it was asked alone, nothing is for all.
    #expect(message(isDirect: true).aside(posts)[0].target == .direct(ana))
  }

  @Test func `a way takes five answers, the sixth is a direct message`() {
    let posts = message().aside((1...6).map { post("\($0)", to: "m1") })
    #expect(posts.map { $0.post.ephemeral == nil } == [false, false, false, false, false, true])
    #expect(posts[5].target == .direct(ana))
  }
}
