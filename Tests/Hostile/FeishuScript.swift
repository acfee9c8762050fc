import Crew
import Platforms

extension PlatformScript {
  /// Ana may bring the bot in; Ben writes too.
  static let feishu: PlatformScript = {
    var script = PlatformScript(settings: PlatformKind.feishu.sample)
    script.settings.invite = ["ou_ana1"]
    func success(_ members: String) -> String { #"{"code":0,"msg":"success",\#(members)}"# }
    func chats(_ more: Bool) -> String {
      success(
        #""data":{"items":[{"chat_id":"oc_room1","name":"r","chat_status":"normal"}],"#
          + #""has_more":\#(more),"page_token":"p1"}"#)
    }
    func page(_ at: Int, by user: String, _ text: String, more: Bool = false) -> String {
      success(
        #""data":{"has_more":\#(more),"page_token":"p2","items":[{"message_id":"om_m\#(at)","#
          + #""msg_type":"text","create_time":"17660000\#(at)000","chat_id":"oc_room1","#
          + #""sender":{"id":"ou_\#(user)1","id_type":"open_id","sender_type":"user"},"#
          + #""body":{"content":"{\"text\":\"\#(text)\"}"},"mentions":[{"key":"@_user_1","#
          + #""id":"ou_bell","name":"B"},{"key":"@_user_2","id":"ou_ben1","name":"Ben"}]}]}"#)
    }
    let me = success(#""bot":{"open_id":"ou_bell","app_name":"B"}"#)
    let none = success(#""data":{"has_more":false,"items":[]}"#)
    let direct = success(#""data":{"chat_id":"oc_direct1"}"#)
    let outside = #"400 {"code":230002,"msg":"bot is not in the chat"}"#
    script.polls = [
      [me, chats(true), chats(false), none, page(30, by: "ana", "@_user_1 !done 1"), direct, none],
      [me, chats(false), page(31, by: "ben", "@_user_1 hi", more: true), outside],
      [me, chats(false), outside],
    ]
    script.sends = [#"400 {"code":230011,"msg":"recalled"}"#]
    return script
  }()
}
