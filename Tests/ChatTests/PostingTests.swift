import Crew
import Fakes
import Foundation
import Ledger
import Platforms
import Testing

@testable import Daemon

/// What every place that is only posted to promises, by the daemon's own loop on the vendor's fake.
/// One after the other: each turns a clock of its own on and on.
@Suite(.serialized) struct PostingTests {
  @Test(arguments: HookFake.Vendor.allCases)
  func `a Chinese digest arrives once, and reminders of the room too`(
    vendor: HookFake.Vendor
  ) async throws {
    let run = try await vendor.run()
    try await run.found("/team lang zh", "/task add 更新证书", "/goal add 首次回复")
    try run.begin()
    run.clock.turn(to: Instant(seconds: ChatRun.start.seconds + 7 * 86_400 - 3600))
    try await run.wait("the digest", turning: 300) {
      await run.delivered.contains { $0.text.contains("第 48 周") }
    }
    try await run.wait("quiet") { try await run.isQuiet() }
    let digests = await run.delivered.filter { $0.text.contains("第 48 周") }
    #expect(digests.count == 1)
    let all = await run.delivered.map(\.text).joined(separator: "\n")
    #expect(all.contains("更新证书") && all.contains("服务台"))
    // What can be typed is spelled as the team's own chat wants it.
    #expect(all.contains("/转 1") && !all.contains("!转"))
    #expect(await run.delivered.allSatisfy { $0.pings.isEmpty })
    try await run.end()
  }

  @Test(arguments: HookFake.Vendor.allCases)
  func `what may have arrived is not posted again, and told of`(vendor: HookFake.Vendor)
    async throws
  {
    for fault in [FakeHost.Fault.cut, .lost(HTTPResponse(status: 502, body: Data("<".utf8)))] {
      let run = try await vendor.run()
      try run.begin()
      await run.host.plan(fault)
      try await run.say(["in doubt"])
      try await run.wait("its fate") { try await run.isQuiet() }
      try await run.say(["later"])
      try await run.wait("the next") { await run.delivered.contains { $0.text.contains("later") } }
      #expect(await run.delivered.count { $0.text.contains("in doubt") } == 1)
      #expect(await run.delivered.last?.text.contains("could not be confirmed") == true)
      try await run.end()
    }
  }

  @Test func `where the operator says so, a webhook gets the same key again`() async throws {
    let run = try await HookFake.Vendor.generic.run(flags: ["idempotent"])
    try run.begin()
    await run.host.plan(.cut)
    try await run.say(["in doubt"])
    try await run.wait("its fate") { try await run.isQuiet() }
    let keys = await run.host.requests.map { $0.headers["idempotency-key"] }
    #expect(keys.count == 2 && Set(keys).count == 1 && keys[0] != nil)
    try await run.end()
  }

  @Test(arguments: HookFake.Vendor.allCases)
  func `a kill never makes two of one`(vendor: HookFake.Vendor) async throws {
    let run = try await vendor.run()
    try run.begin()
    for number in 1...8 {
      try await run.say(["post \(number)."])
      if number.isMultiple(of: 2) { try await Task.sleep(for: .milliseconds(number)) }
      try await run.die()
      run.turn(seconds: 3)
    }
    try await run.wait("quiet", turning: 5) { try await run.isQuiet() }
    let texts = await run.delivered.map(\.text)
    for number in 1...8 {
      let copies = texts.reduce(0) { $0 + $1.components(separatedBy: "post \(number)").count - 1 }
      #expect(copies <= 1, "post \(number)")
    }
    try await run.end()
  }

  @Test(arguments: [HookFake.Vendor.dingtalk, .wecom, .feishu, .discord])
  func `a robot is never blocked: what waits is put into one`(vendor: HookFake.Vendor) async throws
  {
    let run = try await vendor.run()
    try run.begin()
    for round in 0..<12 {
      try await run.say((0..<10).map { "post \(round)-\($0) of a busy morning;" })
      run.turn(seconds: 2)
      try await Task.sleep(for: .milliseconds(10))
    }
    try await run.wait("quiet") { try await run.isQuiet() }
    let (texts, blocks) = await run.host.with { chat, _ in
      ((chat.delivered).map(\.text), (chat as? HookFake)?.blocks)
    }
    #expect(blocks == 0)
    #expect(texts.count < 60, "\(texts.count) posts")
    let all = texts.joined(separator: "\n").replacingOccurrences(of: "\\", with: "")
    for round in 0..<12 {
      for number in 0..<10 {
        #expect(all.components(separatedBy: "post \(round)-\(number) of").count == 2)
      }
    }
    try await run.end()
  }

  @Test(arguments: HookFake.Vendor.allCases)
  func `too many posts: nothing is lost and nothing said twice`(vendor: HookFake.Vendor)
    async throws
  {
    let run = try await vendor.run()
    try run.begin()
    let answers: [HookFake.Vendor: HTTPResponse] = [
      .dingtalk: .json(200, ["errcode": 130101]), .wecom: .json(200, ["errcode": 45009]),
      .feishu: .json(200, ["code": 11232]),
    ]
    let limit = answers[vendor] ?? .json(429, [:], headers: ["retry-after": "7"])
    await run.host.plan(.answer(limit), times: 2)
    try await run.say(["patience"])
    try await run.wait("the post", turning: 20) { await !run.delivered.isEmpty }
    try await run.wait("quiet") { try await run.isQuiet() }
    #expect(await run.delivered.map(\.text).count { $0.contains("patience") } == 1)
    try await run.end()
  }

  @Test(arguments: [HookFake.Vendor.generic, .dingtalk, .feishu])
  func `a wrong secret is told, without it, and the post waits`(vendor: HookFake.Vendor)
    async throws
  {
    let run = try await vendor.run(secret: "SECwrongcanary")
    try run.begin()
    try await run.say(["hello"])
    try await run.wait("a word") { !run.complaints.isEmpty }
    #expect(run.complaints.joined().contains("an account cannot post"))
    #expect(!run.complaints.joined().contains("canary"))
    #expect(!run.complaints.joined().contains(vendor.url))
    #expect(try await run.ledger.counts().queued == 1)
    #expect(await run.delivered.isEmpty)
    try await run.end()
  }

  @Test(arguments: HookFake.Vendor.allCases)
  func `a URL that is not accepted any more holds the posts`(vendor: HookFake.Vendor) async throws {
    let run = try await vendor.run()
    try run.begin()
    await run.host.plan(.answer(HTTPResponse(status: 404)), times: 2)
    try await run.say(["hello"])
    try await run.wait("a word") { !run.complaints.isEmpty }
    #expect(!run.complaints.joined().contains(vendor.url))
    try await run.wait("the post", turning: 60) { await !run.delivered.isEmpty }
    try await run.end()
  }
}
