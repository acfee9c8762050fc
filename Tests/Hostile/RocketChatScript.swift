import Crew
import Platforms

extension PlatformScript {
  /// Ana may bring the bot in; Ben writes too.
  static let rocketchat: PlatformScript = {
    var script = PlatformScript(settings: PlatformKind.rocketchat.sample)
    let bell = script.settings["user"]
    script.settings.invite = ["ana1"]
    /// Seconds after the time of all answers.
    func time(_ seconds: Int) -> String { "2025-12-17T19:33:\(20 + seconds).000Z" }
    func success(_ members: String) -> String { #"{"success":true,\#(members)}"# }
    func list(_ moved: Int, type: String = "c", id: String = "room1") -> String {
      success(
        #""remove":[],"update":[{"_id":"\#(id)","t":"\#(type)","name":"r","msgs":\#(moved),"#
          + #""ts":"\#(time(1))","lm":"\#(time(moved))","_updatedAt":"\#(time(moved))","#
          + #""usersCount":2,"u":{"_id":"ben1"}}]"#)
    }
    func page(_ at: Int, by user: String, _ more: String) -> String {
      success(
        #""result":{"updated":[{"_id":"p\#(at)","rid":"room1","ts":"\#(time(at))","#
          + #""_updatedAt":"\#(time(at))","u":{"_id":"\#(user)1","username":"\#(user)"},"#
          + #"\#(more)}],"deleted":[]}"#)
    }
    func user(_ name: String) -> String {
      success(#""user":{"_id":"\#(name)1","username":"\#(name)","type":"user"}"#)
    }
    let me = success(#""_id":"\#(bell)","username":"crewbell","roles":["user"]"#)
    let added = page(2, by: "ana", #""t":"au","msg":"crewbell""#)
    let said = page(
      9, by: "ben",
      #""msg":"@crewbell !done 1 @ana","tmid":"p2","mentions":[{"_id":"ana1","username":"ana"},"#
        + #"{"_id":"\#(bell)","username":"crewbell"}]"#)
    let none = success(#""result":{"updated":[],"deleted":[]}"#)
    let begin = [me, list(3), added, user("ana"), added]
    script.polls = [
      begin + [list(9), said, user("ben"), said],
      begin + [list(9), #"400 {"success":false,"errorType":"error-not-allowed"}"#],
      begin + [list(10, type: "d", id: "dm1"), none],
    ]
    script.sends = [
      user("ana"), success(#""room":{"rid":"dm1","t":"d"}"#),
      #"400 {"success":false,"error":"Cannot read properties of undefined"}"#,
    ]
    return script
  }()
}
