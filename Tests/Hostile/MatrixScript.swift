import Crew
import Platforms

extension PlatformScript {
  static let matrix: PlatformScript = {
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
}
