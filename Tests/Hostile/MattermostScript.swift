import Crew
import Platforms

extension PlatformScript {
  static let mattermost: PlatformScript = {
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
}
