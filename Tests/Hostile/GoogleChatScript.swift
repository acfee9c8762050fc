import Foundation
import Platforms

extension PlatformScript {
  /// Ana, who may bring the app in, is 101, Ben 102.
  static let googleChat: PlatformScript = {
    var script = PlatformScript(settings: PlatformKind.googleChat.sample)
    script.settings.invite = ["101"]
    let space =
      #""space":{"name":"spaces/AAAA","spaceType":"SPACE","displayName":"Team"}"#
    let ana = #"{"name":"users/101","displayName":"Ana","type":"HUMAN"}"#
    let said =
      #""message":{"name":"spaces/AAAA/messages/T1.T1","createTime":"2025-12-17T19:34:00.1Z","#
      + #""sender":\#(ana),"text":"@Bell @Ben !done 1","thread":{"name":"spaces/AAAA/threads/T1"},"#
      + #""annotations":[{"type":"USER_MENTION","startIndex":0,"length":5,"userMention":{"user":"#
      + #"{"name":"users/9","type":"BOT"}}},{"type":"USER_MENTION","startIndex":6,"length":4,"#
      + #""userMention":{"user":{"name":"users/102","type":"HUMAN"}}}]}"#
    func event(_ type: String, _ more: String) -> String {
      #"{"type":"\#(type)","eventTime":"2025-12-17T19:34:00.123456Z","user":\#(ana),\#(more)}"#
    }
    func pulled(_ events: String...) -> String {
      let received = events.enumerated().map { number, event in
        let data = Data(event.utf8).base64EncodedString()
        return #"{"ackId":"ack-\#(number)","message":{"data":"\#(data)","messageId":"1","#
          + #""publishTime":"2025-12-17T19:34:01Z"}}"#
      }
      return #"{"receivedMessages":[\#(received.joined(separator: ","))]}"#
    }
    let addOn =
      #"{"chat":{"eventTime":"2025-12-17T19:35:00Z","user":\#(ana),"#
      + #""messagePayload":{\#(said),\#(space)}}}"#
    let subscription = #"{"name":"projects/p/subscriptions/s","topic":"projects/p/topics/t"}"#
    let begin = [subscription, pulled(event("ADDED_TO_SPACE", space))]
    let refused = #"400 {"error":{"code":400,"status":"INVALID_ARGUMENT"}}"#
    let empty = "{}"
    script.polls = [
      begin + [empty, pulled(event("MESSAGE", said + "," + space)), refused, empty],
      begin + [empty, pulled(event("REMOVED_FROM_SPACE", space), addOn), empty],
      [#"403 {"error":{"code":403,"status":"PERMISSION_DENIED"}}"#, pulled("x")],
    ]
    script.sends = [
      #"{"name":"spaces/DM1"}"#, refused, #"409 {"error":{"code":409,"status":"ALREADY_EXISTS"}}"#,
    ]
    return script
  }()
}
