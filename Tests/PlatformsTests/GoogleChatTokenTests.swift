import Crew
import Fakes
import Foundation
import Platforms
import Testing

private typealias Desk = GoogleDesk

@Suite struct `Google Chat, earning a token` {
  private static let now = Instant(seconds: 1_766_000_000)

  @Test func `it asks with an assertion that its key has signed`() throws {
    let request = try #require(Desk.google.credentialRequest(now: Self.now))
    #expect(request.url == "https://oauth2.googleapis.com/token" && request.method == .post)
    var chat = GoogleChatFake()
    let call = FakeRequest(request)
    guard case .now(let answer) = chat.answer(call, now: Self.now) else { return }
    let earned = try Desk.google.credential(from: answer, now: Self.now)
    #expect(earned.token.hasPrefix("ya29.") && earned.expiresAt == Self.now.adding(seconds: 3599))
    // Neither a clock that is wrong nor another's key.
    guard case .now(let late) = chat.answer(call, now: Self.now.adding(seconds: 7200)) else {
      return
    }
    #expect(late.status == 400)
    var forged = call
    let form = String(decoding: call.body, as: UTF8.self)
    forged.body = Data((form.dropLast(8) + "AAAAAAAA").utf8)
    guard case .now(let refused) = chat.answer(forged, now: Self.now) else { return }
    #expect(refused.status == 400)
  }

  @Test func `a refusal says what to do, and nothing of the key`() {
    for (status, body, isRefused) in [
      (400, #"{"error":"invalid_grant","error_description":"canary"}"#, true),
      (401, #"{"error":"invalid_client"}"#, true), (400, #"{"error":"canary"}"#, false),
      (500, "", false), (200, #"{"access_token":"a b","expires_in":3599}"#, false),
      (200, "{}", false), (429, "", false),
    ] {
      #expect("\(status) \(body)") {
        _ = try Desk.google.credential(
          from: HTTPResponse(status: status, body: Data(body.utf8)), now: Self.now)
      } throws: { error in
        guard !"\(error)".contains("canary") else { return false }
        if case .refused? = error as? PollFailure { return isRefused }
        return !isRefused
      }
    }
  }

  @Test func `a file that is no key is refused without a byte of it`() {
    let fault = PlatformKind.googleChat.secrets[0].fault
    #expect(fault(GoogleKey.file()) == nil)
    for text in [
      "canary", "{}", GoogleKey.file().replacingOccurrences(of: "service_account", with: "user"),
      GoogleKey.file(tokenURL: "http://canary.example/token"),
      GoogleKey.file(tokenURL: "https://user@canary.example/token"),
      GoogleKey.file().replacingOccurrences(of: "MII", with: "canary"),
    ] {
      #expect(fault(text).map { !$0.contains("canary") } == true)
    }
    #expect(!"\(Desk.google)".contains("PRIVATE KEY"))
    var dumped = ""
    dump(Desk.google, to: &dumped)
    #expect(!dumped.contains("PRIVATE KEY") && !dumped.contains(GoogleChatFake.email))
  }

  @Test(arguments: [
    ("projects/acme/subscriptions/bell", true), ("projects/a.example:b/subscriptions/b-1", true),
    ("acme/bell", false), ("projects/acme/topics/bell", false),
    ("projects/acme/subscriptions/../x", false), ("projects//subscriptions/bell", false),
    ("projects/acme/subscriptions/a b c", false),
  ])
  func `a subscription is named in full`(name: String, isRight: Bool) {
    #expect((PlatformKind.googleChat.keys[0].fault(name) == nil) == isRight)
  }
}
