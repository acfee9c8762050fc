import Crew
import Foundation
import Platforms
import Testing

private typealias Fixture = TelegramFixture

@Suite struct `Telegram reads` {
  private func one(_ json: String, after cursor: Cursor? = nil) throws -> Message {
    let messages = try Fixture.read(json, after: cursor).messages
    return try #require(messages.first)
  }

  @Test func `a message keeps who, where, when and its slash`() throws {
    let message = try one(Fixture.message(1, 42, text: "/task add renew"))
    #expect(message.id == "-1001:42")
    #expect(message.room == Room(account: "telegram", id: "-1001"))
    #expect(message.sender == Identity(account: "telegram", user: "1"))
    #expect(message.senderName == "Ana Ruiz" && message.roomName == "Service Desk")
    #expect(message.senderKind == .person && message.kind == .text && !message.isDirect)
    #expect(message.body == [.text("/task add renew")])
    #expect(message.sentAt == Instant(seconds: 1_766_000_000))
  }

  @Test(arguments: [
    ("/done@Bell_Bot 5", "/done 5"), ("/done@BELL_bot", "/done"), ("/任务@bell_bot 我的", "/任务 我的"),
    ("@bell_bot, tasks", "tasks"), ("@Bell_Bot：任务", "任务"), ("ask @bell_bot now", "ask  now"),
  ])
  func `our own name is taken out`(_ text: String, _ left: String) throws {
    let at = try #require(text.firstIndex(of: "@"))
    let offset = text[..<at].utf16.count
    let entity =
      text.hasPrefix("/")
      ? #"{"type":"bot_command","offset":0,"length":\#(text.prefix { $0 != " " }.utf16.count)}"#
      : #"{"type":"mention","offset":\#(offset),"length":9}"#
    let message = try one(Fixture.message(1, 1, text: text, #","entities":[\#(entity)]"#))
    #expect(message.body == [.text(left)] && message.mentionsBot && message.kind == .text)
  }

  @Test(arguments: ["/done@OtherBot 5", "/任务@other_bot", "/done@otherbot"])
  func `a command for another bot is not ours`(_ text: String) throws {
    let message = try one(Fixture.message(1, 1, text: text))
    #expect(message.kind == .ignored("for another bot") && message.body.isEmpty)
    let inside = try one(Fixture.message(1, 1, text: "see \(text)"))
    #expect(inside.kind == .text)
  }

  @Test func `offsets count UTF-16 units, so emoji before a name move nothing`() throws {
    let text = "🎉👩‍🚀 @ben++ and Ana 李"
    let ben = text.utf16.count - "@ben++ and Ana 李".utf16.count
    let ana = text.utf16.count - "Ana 李".utf16.count
    let entities = """
      ,"entities":[{"type":"text_mention","offset":\(ana),"length":3,"user":\(Fixture.ana)},\
      {"type":"mention","offset":\(ben),"length":4},{"type":"bold","offset":0,"length":2}]
      """
    let seen = try Fixture.read(Fixture.message(1, 1, from: Fixture.ben, text: "hi"))
    let message = try one(Fixture.message(2, 2, text: text, entities), after: seen.cursor)
    #expect(
      message.body == [
        .text("🎉👩‍🚀 "), .ben("@ben"), .text("++ and "), .ana("Ana"), .text(" 李"),
      ])
  }

  @Test func `an @name resolves only to whoever was seen with it last`() throws {
    func mention(_ cursor: Cursor) throws -> [Piece] {
      let entity = #","entities":[{"type":"mention","offset":0,"length":4}]"#
      let cleo = #"{"id":5,"is_bot":false,"first_name":"Cleo"}"#
      return try one(Fixture.message(9, 9, from: cleo, text: "@Ben!", entity), after: cursor).body
    }
    #expect(try mention(Fixture.cursor()) == [.text("@Ben!")])
    let seen = try Fixture.read(Fixture.message(1, 1, from: Fixture.ben, text: "hi"))
    #expect(try mention(seen.cursor) == [.ben("@Ben"), .text("!")])
    // Ben gives his name up; then it is nobody's, until Ana takes it.
    let renamed = #"{"id":2,"is_bot":false,"first_name":"Ben","username":"benjamin"}"#
    let given = try Fixture.read(
      Fixture.message(2, 2, from: renamed, text: "hi"), after: seen.cursor)
    #expect(try mention(given.cursor) == [.text("@Ben!")])
    let taker = #"{"id":1,"is_bot":false,"first_name":"Ana","username":"BEN"}"#
    let taken = try Fixture.read(
      Fixture.message(3, 3, from: taker, text: "hi"), after: given.cursor)
    #expect(try mention(taken.cursor) == [.ana("@Ben"), .text("!")])
  }

  @Test func `the memory of names is bounded`() throws {
    let crowd = (1...600).map {
      Fixture.message(
        $0, $0, from: #"{"id":\#($0),"first_name":"x","username":"user\#($0)"}"#, text: "hi")
    }
    let response = Fixture.answer(#"{"ok":true,"result":[\#(crowd.joined(separator: ","))]}"#)
    let intake = try Fixture.telegram.read(response, after: Fixture.cursor())
    #expect(intake.messages.count == 600)
    #expect(!intake.cursor.contains(#""user100""#) && intake.cursor.contains(#""user101""#))
  }

  @Test func `a topic is a thread, and its opening is no message that is answered`() throws {
    let opening = #","reply_to_message":{"message_id":5,"forum_topic_created":{"name":"x"}}"#
    let topic = #","message_thread_id":5,"is_topic_message":true"#
    let message = try one(Fixture.message(1, 6, text: "hi", topic + opening))
    #expect(message.thread == "5" && message.replyTo == nil)
    // In a group without topics the field holds the chain of answers, which is no thread.
    let chain = #","message_thread_id":5,"reply_to_message":{"message_id":5}"#
    let reply = try one(Fixture.message(1, 6, text: "hi", chain))
    #expect(reply.thread == nil && reply.replyTo == "-1001:5")
  }

  @Test func `a direct chat and an edit are known as such`() throws {
    let direct = try one(Fixture.message(1, 3, chat: Fixture.direct("", 1), text: "tasks"))
    #expect(direct.isDirect && direct.room.id == "1")
    let edit = try one(
      Fixture.message(8, 42, text: "/done 5", #","edit_date":1766000100"#, kind: "edited_message"))
    #expect(edit.kind == .edit(of: "-1001:42") && edit.id == "u8@1766000100")
  }

  @Test(arguments: [
    #","via_bot":{"id":7,"is_bot":true,"first_name":"gif"}"#,
    #","forward_origin":{"type":"user","date":1}"#, #","forward_origin":"odd""#,
    #","sender_chat":{"id":-1005,"type":"channel","title":"News"}"#,
  ])
  func `words that are not the sender's own are no commands`(_ more: String) throws {
    let message = try one(Fixture.message(1, 1, text: "/done 5", more))
    guard case .ignored = message.kind else {
      Issue.record("\(message.kind)")
      return
    }
    #expect(message.body.isEmpty)
  }

  @Test func `a hidden administrator is anonymous, a bot is a bot`() throws {
    let hidden =
      #"{"id":1087968824,"is_bot":true,"first_name":"Group","username":"GroupAnonymousBot"}"#
    let message = try one(
      Fixture.message(1, 1, from: hidden, text: "/role take", #","sender_chat":\#(Fixture.team)"#))
    #expect(message.senderKind == .anonymous)
    let bot = #"{"id":7,"is_bot":true,"first_name":"Other"}"#
    #expect(try one(Fixture.message(1, 1, from: bot, text: "/x")).senderKind == .bot)
  }

  @Test func `people come and go, several at once`() throws {
    let come = try Fixture.read(
      Fixture.message(
        1, 4, #","new_chat_members":[\#(Fixture.ana),\#(Fixture.ben),\#(Fixture.bell)]"#))
    #expect(come.messages.map(\.id) == ["-1001:4/1", "-1001:4/2", "-1001:4/999"])
    #expect(
      come.messages.map(\.kind) == [.joined, .joined, .ignored("told by my_chat_member")])
    #expect(come.messages[1].sender.user == "2")
    let gone = try one(Fixture.message(2, 5, #","left_chat_member":\#(Fixture.ben)"#))
    #expect(gone.kind == .left && gone.sender.user == "2")
  }

  @Test func `the bot's own coming and going is an invitation and a removal`() throws {
    let invited = try one(Fixture.standing(1, "left", "member"))
    #expect(invited.kind == .invited && invited.sender.user == "1" && !invited.isDirect)
    #expect(invited.id == "u1@1766000004")
    #expect(try one(Fixture.standing(1, "member", "kicked")).kind == .removed)
    #expect(
      try one(Fixture.standing(1, "member", "administrator")).kind == .ignored("rights changed"))
    let blocked = try one(
      Fixture.standing(1, "member", "kicked", chat: Fixture.direct("", 1)))
    #expect(blocked.kind == .removed && blocked.isDirect)
  }

  @Test func `a group that becomes a supergroup has moved`() throws {
    let message = try one(Fixture.message(1, 4, #","migrate_to_chat_id":-1009876543210"#))
    #expect(message.kind == .moved(to: "-1009876543210") && message.room.id == "-1001")
  }
}
