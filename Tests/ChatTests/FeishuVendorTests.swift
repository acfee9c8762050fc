import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// What the vendor's own client says of the API, from the folder in `CREWBELL_VENDOR_DATA`.
@Suite struct `Feishu, as its vendor describes it` {
  private static let platform = Feishu(
    .init(
      account: "fs", app: FeishuFake.app, secret: Credential(token: FeishuFake.secret),
      invitersAllowed: ["*"]))
  private func talk() throws -> VendorTalk<FeishuFake> {
    var talk = try VendorTalk(Self.platform, FeishuFake())
    try talk.poll(3)
    let room = talk.chat.room
    let asked = talk.chat.write("@Crewbell 你好", by: FeishuFake.ana, in: room, now: talk.now)
    try talk.poll(6)
    let here = Target.room(Room(account: "fs", id: room))
    talk.say(Post(text: "好"), to: here)
    talk.say(Post(text: "好", inReplyTo: asked), to: here)
    talk.say(Post(text: "嘘"), to: .direct(Identity(account: "fs", user: FeishuFake.ana)))
    talk.say(Post(kind: .reaction("✅", on: asked), text: ""), to: here)
    talk.say(Post(kind: .edit(of: talk.chat.delivered[0].id), text: "新"), to: here)
    #expect(talk.chat.delivered.count == 5)
    return talk
  }

  private func model(_ name: String, _ file: JSON) -> Set<String> {
    let model = file["models"][name]
    let names = (model["query"].array ?? model["body"].array ?? model["response"].array)?
      .compactMap(\.string)
    return Set(names ?? model["fields"].object.map { Array($0.keys) } ?? [])
  }

  /// The vendor publishes no description that a program can read; its client holds the names of all
  /// parameters and fields.
  @Test(.enabled(if: VendorData.folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls and the answers of our fake use its names`() throws {
    let url = try #require(VendorData.folder).appending(
      path: "specs/feishu/im-v1-fields-from-sdk.json")
    let file = try #require(JSON(try Data(contentsOf: url)))
    let calls = try talk().calls
    var checked: Set<String> = []
    func fits(_ names: some Sequence<String>, _ model: String) {
      let known = self.model(model, file)
      #expect(!known.isEmpty && known.isSuperset(of: names), "\(model): \(Array(names))")
      checked.insert(model)
    }
    for call in calls {
      let path = (call["path"].string ?? "").dropFirst("/open-apis/".count)
      let query = call["query"].object?.keys.map { $0 } ?? []
      let body = call["request"].object?.keys.map { $0 } ?? []
      let data = call["response"]["data"]
      switch (call["method"].string, path) {
      case ("POST", "auth/v3/tenant_access_token/internal"):
        fits(body, "tenant_access_token_internal")
      case ("GET", "im/v1/chats"):
        fits(query, "list_chat_request")
        fits(data.object?.keys.map { $0 } ?? [], "list_chat_response_body")
        for item in data["items"].array ?? [] {
          fits(item.object?.keys.map { $0 } ?? [], "list_chat")
        }
      case ("GET", "im/v1/messages"):
        fits(query, "list_message_request")
        for item in data["items"].array ?? [] {
          fits(item.object?.keys.map { $0 } ?? [], "message")
          fits(item["sender"].object?.keys.map { $0 } ?? [], "sender")
          for mention in item["mentions"].array ?? [] {
            fits(mention.object?.keys.map { $0 } ?? [], "mention")
          }
        }
      case ("POST", "im/v1/messages"):
        fits(query, "create_message_request")
        fits(body, "create_message_request_body")
        fits(data.object?.keys.map { $0 } ?? [], "create_message_response_body")
      case ("POST", _) where path.hasSuffix("reply"): fits(body, "reply_message_request_body")
      case ("POST", _) where path.hasSuffix("reactions"):
        fits(body, "create_message_reaction_request_body")
      case ("PUT", _): fits(body, "update_message_request_body")
      default: break
      }
    }
    #expect(checked.count == 14, "\(checked.sorted())")
  }
}
