import Crew
import Foundation
import Outside
import Platforms
import Sandbox
import Testing

@Suite struct `The sandbox's page` {
  @Test(.timeLimit(.minutes(3)))
  func `works by keyboard, narrow and wide, light and dark`() async throws {
    try await SandboxFixture.with { here in
      let outcome = try await SandboxScript.run(
        "sandbox_page.py", here.url, SandboxFixture.token)
      #expect(outcome.status == 0 && outcome.output.hasSuffix("ok\n"), "\(outcome.output)")
    }
  }

  @Test func `is served with a policy that runs nothing from elsewhere`() async throws {
    try await SandboxFixture.with { here in
      for (path, words) in [
        ("/", "<title>Crewbell"), ("/app.js", "use strict"), ("/app.css", ":root"),
      ] {
        let file = try await here.perform(.init(.get, here.url + path))
        #expect(file.status == 200)
        #expect(String(decoding: file.body, as: UTF8.self).contains(words))
      }
      #expect(try await here.perform(.init(.get, here.url + "/etc/passwd")).status == 404)
      let script = try #require(
        String(
          bytes: try await here.perform(.init(.get, here.url + "/app.js")).body, encoding: .utf8))
      #expect(!script.contains("innerHTML") && !script.contains("insertAdjacentHTML"))
    }
  }

  @Test func `takes no orders from another site`() async throws {
    try await SandboxFixture.with { here in
      let order = #"{"person":101,"chat":-1001000000001,"text":"/role take lead"}"#
      let form = try await here.post("/api/messages", order, type: "text/plain")
      #expect(form.status == 400)
      let renamed = try await here.perform(
        .init(
          .post, here.url + "/api/messages",
          headers: ["content-type": "application/json", "host": "evil.example"],
          body: Data(order.utf8)))
      #expect(renamed.status == 421)
      #expect(try await here.post("/api/messages", order).status == 200)
    }
  }

  @Test func `lets nobody write where they are not`() async throws {
    try await SandboxFixture.with { here in
      for body in [
        #"{"person":102,"chat":101,"text":"x"}"#, #"{"person":9,"chat":-1001000000001,"text":"x"}"#,
        #"{"person":101,"chat":-1001000000001,"text":""}"#, "{}", "[]", "7",
      ] {
        let answer = try await here.post("/api/messages", body)
        #expect(answer.status == 400, "\(body)")
      }
    }
  }
}

@Suite struct `The sandbox's clock` {
  @Test(arguments: [
    // From Monday 23 November 2026, 08:00 UTC.
    (Turn.hour, "UTC", "2026-11-23T09:00:00Z"), (.morning, "UTC", "2026-11-23T09:00:00Z"),
    (.morning, "Europe/Berlin", "2026-11-24T08:00:00Z"),
    (.morning, "Asia/Shanghai", "2026-11-24T01:00:00Z"),
    (.monday, "UTC", "2026-11-23T09:00:00Z"), (.monday, "Europe/Berlin", "2026-11-30T08:00:00Z"),
  ])
  func `turns to the hour, the morning and the Monday of its zone`(
    _ turn: Turn, _ zone: String, _ wanted: String
  ) async throws {
    try await SandboxFixture.with(zone: zone) { here in
      let now = here.sandbox.now
      #expect(now() == SandboxFixture.monday)
      await here.sandbox.turn(turn)
      let date = try Date(wanted, strategy: .iso8601)
      #expect(now() == Int64(date.timeIntervalSince1970) * 1000)
    }
  }

  @Test func `wakes whoever waits for it, and dates what is written`() async throws {
    try await SandboxFixture.with { here in
      let (turns, turned) = AsyncStream.makeStream(of: Int64.self)
      let now = here.sandbox.now
      await here.sandbox.onTurn { turned.yield(now()) }
      let answer = try await here.post("/api/clock", #"{"turn":"morning"}"#)
      #expect(answer.status == 200)
      var times = turns.makeAsyncIterator()
      let nine = SandboxFixture.monday + 3_600_000
      #expect(await times.next() == nine)
      let cursor = try await here.settled()
      await here.sandbox.write("/tasks", as: 101, in: here.sandbox.group)
      let intake = try await here.poll(cursor)
      #expect(intake.messages.first?.sentAt.milliseconds == nine)
      #expect(try await here.post("/api/clock", #"{"turn":"back"}"#).status == 400)
    }
  }

  @Test func `a zone that does not exist is told by name`() {
    #expect(throws: Sandbox.Failure.zoneUnknown("Europe/Nowhere")) {
      try Sandbox(token: "1:x", zone: "Europe/Nowhere", realNow: { 0 }, random: 0)
    }
  }
}

@Suite struct `Telegram's own client` {
  @Test(.timeLimit(.minutes(2)))
  func `works with the sandbox, and every answer fits the vendor's description`() async throws {
    try await SandboxFixture.with { here in
      let outcome = try await SandboxScript.run(
        "sandbox_client.py", here.url, SandboxFixture.token)
      #expect(outcome.status == 0 && outcome.output.hasSuffix("ok\n"), "\(outcome.output)")
    }
  }
}
