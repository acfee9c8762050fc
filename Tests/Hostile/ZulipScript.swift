import Crew
import Platforms

extension PlatformScript {
  /// The bot is 9, Ana, who may bring it in, 11, Ben 12.
  static let zulip: PlatformScript = {
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
}
