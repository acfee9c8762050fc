import Crew
import Foundation
import Platforms
import Testing

private typealias Fixture = TelegramFixture

@Suite struct `Telegram survives odd updates` {
  private let good = Fixture.message(50, 50, text: "/done 1")

  /// Everything here stands between two good updates, which must both arrive.
  @Test(arguments: [
    "null", "7", #""text""#, "[]", "{}", #"{"update_id":"x","message":[]}"#,
    #"{"update_id":20,"message":{"message_id":"x"}}"#, #"{"update_id":20,"message":null}"#,
    #"{"update_id":20,"message":{"message_id":1,"chat":{"id":9999999999999999999999}}}"#,
    #"{"update_id":20,"my_chat_member":{"chat":7}}"#, #"{"update_id":20,"poll":{"id":"1"}}"#,
    #"{"update_id":20,"message":{"message_id":1,"chat":{"id":1},"text":"\ud800 x"}}"#,
    #"{"update_id":20,"message":{"message_id":1,"chat":{"id":1},"text":{"a":1}}}"#,
    #"{"update_id":20,"message":{"message_id":1,"chat":{"id":1},"date":1e400}}"#,
    #"{"update_id":20,"update_id":21,"message":1,"message":2}"#,
    #"{"update_id":20,"message":{"message_id":1,"chat":{"id":-1,"type":"group"},"from":{"id":2,"#
      + #""is_bot":false,"first_name":"Ben"},"date":111111111766000000,"text":"x"}}"#,
  ])
  func `one odd update never hides the others`(_ odd: String) throws {
    try checkAround(odd)
  }

  @Test func `nesting without end hides nothing either`() throws {
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    try checkAround(#"{"update_id":20,"x":\#(deep)}"#)
    try checkAround(#"{"update_id":20,"x":"}],{\"\\\\","y":\#(deep)}"#)
  }

  private func checkAround(_ odd: String) throws {
    let first = Fixture.message(10, 10, text: "first")
    let intake = try Fixture.read(first, odd, good)
    let texts = intake.messages.filter { $0.kind == .text && $0.sender.user == "1" }
    #expect(texts.map(\.body) == [[.text("first")], [.text("/done 1")]])
    let next = Fixture.telegram.poll(after: intake.cursor, with: Fixture.credential)
    #expect(try Fixture.object(next)["offset"] as? Int == 51)
  }

  @Test func `an update that cannot be read is complained of without its words`() throws {
    let intake = try Fixture.read(
      #"{"update_id":20,"message":{"message_id":1,"text":"secret","chat":{}}}"#)
    #expect(intake.messages.isEmpty)
    #expect(intake.complaints == ["update 20: message: id is missing"])
  }

  @Test func `half a surrogate and bytes that are no UTF-8 become a replacement`() throws {
    let half = Fixture.message(1, 1, text: #"/x \ud83d y \ud83d\ude00 \"\\"#)
    var body = Data(#"{"ok":true,"result":[\#(half),"#.utf8)
    body += Data(Fixture.message(2, 2, text: "/y #").utf8).map { $0 == 0x23 ? 0xFF : $0 }
    body += Data("]}".utf8)
    let response = HTTPResponse(status: 200, body: body)
    let intake = try Fixture.telegram.read(response, after: Fixture.cursor())
    #expect(
      intake.messages.map(\.body) == [
        [.text("/x \u{FFFD} y 😀 \"\\")], [.text("/y \u{FFFD}")],
      ])
  }

  @Test func `NUL does not get in`() throws {
    let intake = try Fixture.read(Fixture.message(1, 1, text: #"/x\u0000y"#))
    #expect(intake.messages[0].body == [.text("/xy")])
  }

  @Test(arguments: [(-1, 3), (0, -1), (3, Int.max), (Int.max, Int.max), (1, 1), (99, 1), (0, 99)])
  func `entities out of bounds are words`(_ offset: Int, _ length: Int) throws {
    let entity = #"{"type":"text_mention","offset":\#(offset),"length":\#(length),"user":7}"#
    let intake = try Fixture.read(
      Fixture.message(1, 1, text: "🎉 hi", #","entities":[\#(entity),9,null]"#))
    #expect(intake.messages[0].body == [.text("🎉 hi")])
  }

  @Test func `updates without ids are not asked for in a hot loop`() throws {
    let intake = try Fixture.read(#"{"message":{"message_id":1,"chat":{"id":1}}}"#)
    #expect(intake.waitSeconds == 5)
  }

  @Test func `what has no words is kept as ignored`() throws {
    let intake = try Fixture.read(
      Fixture.message(1, 1, #","photo":[]"#), Fixture.message(2, 2, #","photo":[],"caption":"/x""#))
    #expect(intake.messages.map(\.kind) == [.ignored("no text"), .text])
    let post = try Fixture.read(
      Fixture.message(3, 3, chat: #"{"id":-5,"type":"channel"}"#, text: "/x", kind: "channel_post"))
    #expect(post.messages.map(\.kind) == [.ignored("channel_post")])
  }

  @Test func `every cut of a real answer is refused or read, never a crash`() throws {
    let body = Data(
      #"{"ok":true,"result":[\#(good),\#(Fixture.standing(51, "left", "member"))]}"#.utf8)
    let cursor = try Fixture.cursor()
    for length in 0..<body.count {
      let response = HTTPResponse(status: 200, body: body.prefix(length))
      #expect(throws: PollFailure.self) {
        try Fixture.telegram.read(response, after: cursor)
      }
    }
  }

  @Test func `the vendor's payloads are all read`() throws {
    guard let folder = ProcessInfo.processInfo.environment["CREWBELL_VENDOR_DATA"] else {
      FileHandle.standardError.write(
        Data("Telegram's payloads: not run, CREWBELL_VENDOR_DATA is not set\n".utf8))
      return
    }
    let place = URL(filePath: folder).appending(path: "payloads/telegram")
    let files = try FileManager.default.contentsOfDirectory(
      at: place, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files { try check(file) }
  }

  private func check(_ file: URL) throws {
    let name = file.deletingPathExtension().lastPathComponent
    let body = try Data(contentsOf: file)
    let status = name.split(separator: "_").compactMap { Int($0) }.first ?? 200
    let response = HTTPResponse(status: status, body: body)
    if name.contains("getUpdates") {
      let intake = try Fixture.telegram.read(response, after: Fixture.cursor())
      #expect(!intake.messages.isEmpty && intake.complaints.isEmpty, "\(name)")
    } else if name.contains("sendMessage") {
      #expect(
        Fixture.telegram.delivery(of: response, progress: nil) == .sent(id: "-1001234567890:46"))
    } else {
      #expect(throws: PollFailure.self, "\(name)") {
        try Fixture.telegram.read(response, after: Fixture.cursor())
      }
      #expect(Fixture.telegram.delivery(of: response, progress: nil) != .sent(id: ""), "\(name)")
    }
  }
}
