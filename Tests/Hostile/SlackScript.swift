import Crew
import Platforms

extension PlatformScript {
  static let slack: PlatformScript = {
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
}
