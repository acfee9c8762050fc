import Crew
import Foundation
import Platforms

/// One platform's reading of any answer, in every state that its cursor can be in.
struct PlatformFuzz: Sendable {
  let platform: any Platform
  let cursors: [Cursor?]
  let credential = Credential(token: "999:canary-TOKEN")
  private static let statuses = [200, 200, 200, 200, 401, 403, 404, 409, 429, 500]

  func run(_ bytes: [UInt8]) throws {
    var choices = Choices(bytes)
    let choice = choices.byte()
    let cursor = cursors[Int(choice) % cursors.count]
    let status = Self.statuses[Int(choices.byte()) % Self.statuses.count]
    let response = HTTPResponse(
      status: status, headers: choice > 200 ? ["retry-after": choices.text(4)] : [:],
      body: Data(choices.rest))
    let intake = Meter.product { () -> Intake? in
      _ = platform.delivery(of: response, progress: nil)
      return try? platform.read(response, after: cursor)
    }
    if let intake { try check(intake) }
  }

  private func check(_ intake: Intake) throws {
    guard intake.waitSeconds.isFinite, intake.waitSeconds >= 0 else {
      throw Harm("waits \(intake.waitSeconds)")
    }
    // The cursor that was made must be one that can be asked with.
    let next = platform.poll(after: intake.cursor, with: credential)
    guard next.url.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
      throw Harm("asks \(next.url.debugDescription)")
    }
    for message in intake.messages {
      guard message.id.utf8.count <= 1024, !message.room.id.isEmpty else {
        throw Harm("an id of \(message.id.utf8.count) bytes in \(message.room.id)")
      }
    }
  }

  static let matrix: PlatformFuzz = {
    let matrix = Matrix(
      .init(
        account: "matrix", homeserver: "https://hs.example",
        invitersAllowed: ["*:hs.example"], trustedBridges: ["@telegram_*:hs.example"]))
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
    let steps = [
      #"{"user_id":"@bell:hs.example","device_id":"CREWBELL"}"#, #"{"displayname":"Bell"}"#,
      #"{"next_batch":"s1","rooms":{"join":{\#(room)}}}"#,
      #"{"next_batch":"s2","rooms":{"join":{\#(limited)}}}"#,
    ]
    var cursors = states(of: matrix, steps)
    cursors += Array(
      Self.states(
        of: matrix, steps.prefix(3) + [#"{"next_batch":"s2","rooms":{"invite":{\#(invite)}}}"#]
      )
      .suffix(1))
    return PlatformFuzz(platform: matrix, cursors: cursors)
  }()

  static let telegram: PlatformFuzz = {
    let telegram = Telegram(.init(account: "telegram", token: "999:canary-TOKEN"))
    let steps = [
      #"{"ok":true,"result":{"id":999,"is_bot":true,"first_name":"B","username":"Bell_Bot"}}"#,
      #"{"ok":true,"result":[]}"#,
    ]
    return PlatformFuzz(platform: telegram, cursors: states(of: telegram, steps))
  }()

  /// The cursor before and after each of these answers.
  private static func states(
    of platform: any Platform, _ steps: some Sequence<String>
  ) -> [Cursor?] {
    var cursors: [Cursor?] = [nil]
    for step in steps {
      let response = HTTPResponse(status: 200, body: Data(step.utf8))
      let last = cursors[cursors.count - 1]
      guard let intake = try? platform.read(response, after: last) else { break }
      cursors.append(intake.cursor)
    }
    return cursors
  }
}
