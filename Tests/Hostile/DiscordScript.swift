import Crew
import Platforms

extension PlatformScript {
  static let discord: PlatformScript = {
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
