import Crew
import Foundation
import Platforms

/// Answers of a platform, written by hand, that lead its cursor through its states: from there the
/// fuzzer goes on.
public struct PlatformScript: Sendable {
  var settings: AccountSettings
  /// Answers to polls, each row from the first contact on. One of a status other than 200 begins
  /// with it: `400 {…}`.
  var polls: [[String]] = []
  /// Answers to a post that takes several steps, and to the looking for one.
  var sends: [String] = []
  var looks: [String] = []

  /// The `Date` of every answer: 1 766 000 000.
  static let date = "Wed, 17 Dec 2025 19:33:20 GMT"

  /// By the name of the platform's kind.
  public static let all = [
    "matrix": matrix, "telegram": telegram, "zulip": zulip, "mattermost": mattermost,
    "slack": slack, "discord": discord, "googlechat": googleChat, "rocketchat": rocketchat,
    "feishu": feishu,
  ]

  init(settings: AccountSettings) { self.settings = settings }

  static func response(_ answer: String) -> HTTPResponse {
    let status = Int(answer.prefix(3))
    let body = status == nil ? answer[...] : answer.dropFirst(4)
    return HTTPResponse(status: status ?? 200, headers: ["date": date], body: Data(body.utf8))
  }
}

extension PlatformScript {
  private static let matrix: PlatformScript = {
    var script = PlatformScript(settings: PlatformKind.matrix.sample)
    script.settings.texts = ["homeserver": "https://hs.example", "user": "@bell:hs.example"]
    script.settings.lists = ["trusted_bridges": ["@telegram_*:hs.example"]]
    script.settings.invite = ["*:hs.example"]
    let room = #""!team:hs.example":{"timeline":{"events":[],"limited":false}}"#
    let event =
      #"{"event_id":"$1","type":"m.room.message","sender":"@ana:hs.example","#
      + #""origin_server_ts":1,"content":{"msgtype":"m.text","body":"x"}}"#
    let limited =
      #""!team:hs.example":{"timeline":{"events":[\#(event)],"limited":true,"prev_batch":"p"}}"#
    let invite =
      #""!new:hs.example":{"invite_state":{"events":[{"type":"m.room.member","#
      + #""state_key":"@bell:hs.example","sender":"@ana:hs.example","#
      + #""content":{"membership":"invite"}}]}}"#
    let begin = [
      #"{"user_id":"@bell:hs.example","device_id":"CREWBELL"}"#, #"{"displayname":"Bell"}"#,
      #"{"next_batch":"s1","rooms":{"join":{\#(room)}}}"#,
    ]
    script.polls = [
      begin + [#"{"next_batch":"s2","rooms":{"join":{\#(limited)}}}"#],
      begin + [#"{"next_batch":"s2","rooms":{"invite":{\#(invite)}}}"#],
    ]
    return script
  }()

  private static let telegram: PlatformScript = {
    var script = PlatformScript(settings: PlatformKind.telegram.sample)
    script.settings.secrets = ["token_file": Credential(token: "999:canary-TOKEN")]
    script.polls = [
      [
        #"{"ok":true,"result":{"id":999,"is_bot":true,"first_name":"B","username":"Bell_Bot"}}"#,
        #"{"ok":true,"result":[]}"#,
      ]
    ]
    return script
  }()

  /// The bot is 9, Ana, who may bring it in, 11, Ben 12.
  private static let zulip: PlatformScript = {
    var script = PlatformScript(settings: PlatformKind.zulip.sample)
    script.settings.invite = ["11"]
    func success(_ members: String) -> String { #"{"result":"success","msg":"",\#(members)}"# }
    func message(_ id: Int, _ text: String, by sender: Int) -> String {
      #"{"id":\#(id),"sender_id":\#(sender),"type":"stream","stream_id":7,"timestamp":1766000000,"#
        + #""subject":"t","display_recipient":"team","sender_full_name":"A","content":"\#(text)"}"#
    }
    func event(_ id: Int, _ message: String) -> String {
      success(#""events":[{"id":\#(id),"type":"message","flags":[],"message":\#(message)}]"#)
    }
    let begin = [
      success(#""user_id":9,"full_name":"crewbell","is_bot":true"#), success(#""messages":[]"#),
      success(#""queue_id":"q1","last_event_id":-1"#), success(#""messages":[]"#),
    ]
    let ana = success(#""user":{"user_id":11,"is_bot":false}"#)
    let hello = event(0, message(101, "@**crewbell|9** !done 1", by: 11))
    let named = event(1, message(102, "@**Ben** !done 2", by: 11))
    let full = success(
      #""found_newest":false,"messages":[\#(message(103, "!done 3", by: 11))]"#)
    let lost = #"400 {"result":"error","code":"BAD_EVENT_QUEUE_ID","msg":"gone"}"#
    script.polls = [
      begin + [hello, ana, hello, named],
      begin + [hello, ana, hello, lost, success(#""queue_id":"q2","last_event_id":-1"#), full],
    ]
    script.looks = [
      success(#""found_oldest":false,"messages":[\#(message(7, "another", by: 9))]"#)
    ]
    return script
  }()

  private static let mattermost: PlatformScript = {
    var script = PlatformScript(settings: PlatformKind.mattermost.sample)
    func id(_ name: String) -> String { name + String(repeating: "0", count: 26 - name.count) }
    script.settings.invite = [id("ana")]
    func list(_ last: Int) -> String {
      let channels = [("room", "O"), ("direct", "D")].map { name, type in
        #"{"id":"\#(id(name))","type":"\#(type)","display_name":"R","create_at":1765900000000,"#
          + #""delete_at":0,"last_post_at":17660000\#(last)000,"total_msg_count":\#(last)}"#
      }
      return "[\(channels.joined(separator: ","))]"
    }
    func page(_ post: String, _ at: Int, _ more: String) -> String {
      #"{"order":["\#(id(post))"],"posts":{"\#(id(post))":{"id":"\#(id(post))","#
        + #""create_at":17660000\#(at)000,"update_at":17660000\#(at)000,"edit_at":0,"#
        + #""delete_at":0,"user_id":"\#(id("ana"))","channel_id":"\#(id("room"))","#
        + #""root_id":"",\#(more)}}}"#
    }
    func user(_ name: String) -> String {
      #"{"id":"\#(id(name))","username":"\#(name)","is_bot":false,"first_name":"A","#
        + #""last_name":"","nickname":""}"#
    }
    let added = page(
      "add", 10,
      #""message":"added","type":"system_add_to_channel","props":{"userId":"\#(id("ana"))","#
        + #""addedUserId":"\#(id("bell"))"}"#)
    let said = page("p1", 20, #""message":"@bell !done 1 @ben","type":"","props":{}"#)
    let nothing = #"{"order":[],"posts":{}}"#
    script.polls = [
      [
        user("bell"), list(10), added, "[\(user("ana"))]", added, nothing, list(20), said,
        "[\(user("ben"))]", said, nothing,
      ]
    ]
    let opened = #"{"id":"\#(id("direct"))","type":"D"}"#
    script.sends = ["[\(user("ana"))]", user("bell"), opened]
    script.looks = [user("bell"), opened, nothing]
    return script
  }()

  private static let slack: PlatformScript = {
    var script = PlatformScript(settings: PlatformKind.slack.sample)
    script.settings.invite = ["UANA"]
    let me = #"{"ok":true,"user_id":"UBELL","bot_id":"BBELL","team_id":"T1"}"#
    func list(_ next: String) -> String {
      #"{"ok":true,"channels":[{"id":"C1","name":"r"},{"id":"D1","is_im":true}],"#
        + #""response_metadata":{"next_cursor":"\#(next)"}}"#
    }
    func page(_ at: Int, _ more: String, next: String = "") -> String {
      #"{"ok":true,"has_more":\#(!next.isEmpty),"response_metadata":{"next_cursor":"\#(next)"},"#
        + #""messages":[{"type":"message","ts":"17660000\#(at).000100",\#(more)}]}"#
    }
    let entry = page(10, #""user":"UBELL","subtype":"channel_join","inviter":"UANA","text":"x""#)
    let ana = #"{"ok":true,"user":{"id":"UANA","name":"ana","team_id":"T1"}}"#
    let said = #""user":"UANA","text":"<@UBELL> !done 1""#
    let head = said + #","reply_count":1,"latest_reply":"1766000030.000100""#
    let none = #"{"ok":true,"messages":[],"has_more":false}"#
    let begin = [me, list(""), entry, ana, entry, none]
    script.polls = [
      begin + [page(20, said), page(20, said), page(21, head)],
      begin + [page(22, said, next: "n1"), page(21, said)],
      [me, list("n1")],
    ]
    let opened = #"{"ok":true,"channel":{"id":"D1"}}"#
    script.sends = [opened]
    script.looks = [me, opened, page(20, said, next: "n1")]
    return script
  }()

  private static let discord: PlatformScript = {
    var script = PlatformScript(settings: PlatformKind.discord.sample)
    script.settings.invite = ["2001"]
    /// Ids hold their time, in milliseconds since 2015.
    func id(_ seconds: Int64) -> Int64 { (345_929_600 + seconds) * 1000 << 22 }
    let me = #"{"id":"1001","username":"crewbell","bot":true}"#
    func channels(_ last: Int64) -> String {
      #"[{"id":"51","type":0,"name":"r","last_message_id":"\#(id(last))"}]"#
    }
    let threads = #"{"threads":[{"id":"52","type":11,"name":"t","parent_id":"51"}]}"#
    let said =
      #"[{"id":"\#(id(1))","channel_id":"51","type":0,"content":"<@1001> !done 1","#
      + #""author":{"id":"2001","username":"ana","bot":false},"mentions":[\#(me)]}]"#
    let begin = [me, #"[{"id":"41"}]"#]
    script.polls = [
      begin + [channels(0), threads, said], begin + [channels(1), threads, said, said],
      begin + [channels(0), #"404 {"message":"Unknown Guild","code":10004}"#],
    ]
    let opened = #"{"id":"61","type":1}"#
    script.sends = [opened]
    script.looks = [me, opened]
    return script
  }()
}
