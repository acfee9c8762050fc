import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = ZulipDesk

@Suite struct `Zulip messages` {
  private func said(_ content: String, by sender: Int64 = 11) throws -> Message {
    try #require(
      try Desk.started().hear(Desk.event(1, Desk.message(101, content, by: sender))).last)
  }

  @Test func `a message has its channel, topic, sender and number`() throws {
    let message = try said("/task add x")
    #expect(message.id == "101" && message.room.id == "5" && message.roomName == "team")
    #expect(message.thread == "deploys" && !message.isDirect)
    #expect(message.sender.user == "11" && message.senderName == "Ana")
    #expect(message.sentAt == Instant(seconds: 1_766_000_000))
  }

  @Test(arguments: [
    ("@**crewbell** task add x", "task add x", true),
    ("@**crewbell|9**, task add x", "task add x", true),
    ("@**|9**：/help", "/help", true),
    ("/kudos @**Ben|12** for it", "/kudos @(12) for it", false),
    ("/kudos @**Ben & Co** for it", "/kudos @(12) for it", false),
    ("/kudos @_**Ben|12** for it", "/kudos @(12) for it", false),
    ("hey @**all** and @*ops*", "hey @all and @*ops*", false),
    ("x@**Ben|12**", "x@**Ben|12**", false),
    ("mail a@b.example", "mail a@b.example", false),
    ("due <time:2026-11-27T17:00:00+01:00>", "due 2026-11-27 17:00", false),
    ("a < b <time:soon> @** @**", "a < b <time:soon> @** @**", false),
    ("tell @**crewbell** that", "tell  that", true),
  ])
  func `mentions and times are read`(content: String, spoken: String, isMeant: Bool) throws {
    let message = try said(content)
    #expect(message.spoken == spoken)
    #expect(message.mentionsBot == isMeant)
  }

  @Test func `a name that somebody else has taken over is asked for each time`() throws {
    let desk = try Desk.started()
    try desk.hear(Desk.event(1, Desk.message(101, "/kudos @**Ben & Co** x")))
    try desk.take(
      Desk.success(#""events":[\#(Desk.event(2, Desk.message(102, "/kudos @**Ben & Co** x")))]"#))
    #expect(desk.path == "messages/102?apply_markdown=true")
  }

  @Test func `what is quoted is not said again`() throws {
    let quote = """
      @_**Ben|12** [said](https://zulip.example/#narrow/stream/5-team/topic/a/near/98):
      ```quote
      /task add evil
      ```
      /task list
      """
    let message = try said(quote)
    #expect(message.spoken == "/task list")
    #expect(message.replyTo == "98")
  }

  @Test func `our own words are dropped, and a widget is none`() throws {
    let desk = try Desk.started()
    #expect(try desk.hear(Desk.event(1, Desk.message(101, "/help", by: 9))).isEmpty)
    let poll = Desk.message(102, "/poll Lunch?", more: #","submessages":[{"id":1}]"#)
    #expect(try desk.hear(Desk.event(2, poll)).map(\.kind) == [.ignored("widget")])
  }

  @Test func `a direct conversation of two is direct, one of three is a room`() throws {
    let desk = try Desk.started()
    let two = try desk.hear(Desk.event(1, Desk.direct(101, "mine", with: [9, 11])))
    #expect(two.map(\.room.id) == ["dm:11"] && two[0].isDirect)
    let three = try desk.hear(Desk.event(2, Desk.direct(102, "mine", with: [9, 12, 11])))
    #expect(three.map(\.room.id) == ["dm:11,12"] && !three[0].isDirect && three[0].thread == nil)
  }

  @Test func `an edit is told as one, and a second rendering is nothing`() throws {
    let desk = try Desk.started()
    let edit =
      #"{"type":"update_message","id":1,"user_id":11,"message_id":101,"stream_id":5,"#
      + #""edit_timestamp":1766000100,"content":"/done 3","rendering_only":false}"#
    let messages = try desk.hear(edit)
    #expect(messages.map(\.kind) == [.edit(of: "101")])
    #expect(messages.map(\.id) == ["e101:1766000100"])
    let again = edit.replacingOccurrences(of: ":false}", with: ":true}")
      .replacingOccurrences(of: "\"id\":1,", with: "\"id\":2,")
    #expect(try desk.hear(again).isEmpty)
    let moved = #"{"type":"update_message","id":3,"user_id":11,"message_id":101,"subject":"b"}"#
    #expect(try desk.hear(moved).isEmpty)
  }

  @Test func `what was changed before it was read is told as an edit, a new topic changes nothing`()
    throws
  {
    let desk = try Desk.started()
    func kinds(_ id: Int64, _ more: String) throws -> [Message.Kind] {
      try desk.hear(Desk.event(id, Desk.message(id + 100, "/done 3", more: more))).map(\.kind)
    }
    let stamp = #","last_edit_timestamp":1766000050"#
    #expect(try kinds(1, stamp) == [.edit(of: "101")])
    #expect(try kinds(2, stamp + #","edit_history":[{"prev_content":"hi"}]"#) == [.edit(of: "102")])
    #expect(try kinds(3, stamp + #","edit_history":[{"prev_topic":"a"}]"#) == [.text])
  }

  // MARK: - Invitations

  @Test func `the first mention by somebody who may is the invitation`() throws {
    let desk = try Desk.started(inviters: ["11"])
    let stranger = try desk.hear(Desk.event(1, Desk.message(101, "@**crewbell** hi", by: 12)))
    #expect(stranger.map(\.kind) == [.invited, .text])
    #expect(stranger[0].sender.user == "12" && stranger[0].id == "i101")
    let ana = try desk.hear(Desk.event(2, Desk.message(102, "@**crewbell**")))
    #expect(ana.map(\.kind) == [.invited, .ignored("only our name")])
    let later = try desk.hear(Desk.event(3, Desk.message(103, "@**crewbell** help", by: 12)))
    #expect(later.map(\.kind) == [.text])
  }

  @Test func `neither a command nor a bot invites`() throws {
    let desk = try Desk.started(inviters: ["*"])
    #expect(try desk.hear(Desk.event(1, Desk.message(101, "/help"))).map(\.kind) == [.text])
    let bot = try desk.hear(Desk.event(2, Desk.message(102, "@**crewbell** x", by: 21)))
    #expect(bot.map(\.kind) == [.text])
    let alone = try desk.hear(Desk.event(3, Desk.direct(103, "@**crewbell**", with: [9, 11])))
    #expect(!alone.map(\.kind).contains(.invited))
  }

  @Test func `who leaves is told for rooms of ours, and our own leaving too`() throws {
    let desk = try Desk.started()
    let leave =
      #"{"type":"subscription","op":"peer_remove","id":2,"stream_ids":[5,6],"user_ids":[12]}"#
    #expect(try desk.hear(leave).isEmpty)
    try desk.hear(Desk.event(1, Desk.message(101, "@**crewbell**")))
    let left = try desk.hear(leave)
    #expect(left.map(\.kind) == [.left] && left[0].sender.user == "12" && left[0].room.id == "5")
    let gone =
      #"{"type":"realm_user","op":"update","id":3,"person":{"user_id":13,"is_active":false}}"#
    #expect(try desk.hear(gone).map(\.sender.user) == ["13"])
    let out = #"{"type":"subscription","op":"remove","id":4,"subscriptions":[{"stream_id":5}]}"#
    #expect(try desk.hear(out).map(\.kind) == [.removed])
    #expect(try desk.hear(leave.replacingOccurrences(of: "\"id\":2", with: "\"id\":5")).isEmpty)
  }

  @Test func `a new name of ours is known`() throws {
    let desk = try Desk.started()
    try desk.hear(
      #"{"type":"realm_user","op":"update","id":1,"person":{"user_id":9,"full_name":"Bell"}}"#)
    #expect(try desk.hear(Desk.event(2, Desk.message(101, "@**Bell** x")))[1].mentionsBot)
  }
}
