import Crew
import Fakes
import Foundation
import Ledger
import Platforms

@testable import Daemon

/// A chat in which nobody writes and every post arrives: the team of a test lives there.
struct Silent: Platform {
  var abilities: Abilities {
    let rate = Abilities.Rate(perSecond: 1000, burst: 1000)
    return Abilities(
      threads: true, reactions: true, edits: true, directNeedsContact: false, resend: .never,
      lengthMax: 4096, lengthUnit: .utf16, roomRate: rate, accountRate: rate, prefix: "/")
  }

  func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    HTTPRequest(.get, "https://silent.example/poll")
  }

  func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    Intake(cursor: "1", waitSeconds: 3600)
  }

  func request(
    for post: Post, to target: Target, key: String, progress: Platforms.Progress?,
    with credential: Credential
  ) -> HTTPRequest { HTTPRequest(.post, "https://silent.example/send", isRepeatable: false) }

  func delivery(of response: HTTPResponse, progress: Platforms.Progress?) -> Delivery {
    .sent(id: "1")
  }
}

/// The daemon's whole session with a silent chat and one place that is only posted to.
final class PostingRun: Sendable {
  static let room = Room(account: "silent", id: "desk")
  static let place = Target.room(Room(account: "hook", id: "hook"))

  private struct Net: Network {
    let host: FakeHost
    func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
      if request.url.hasPrefix("https://silent.example") { return HTTPResponse(status: 200) }
      return try await host.perform(request)
    }
  }

  let clock = ChatRun.TurnedClock(ChatRun.start)
  let host: FakeHost
  let platform: any Platform
  private let lives = Lives(MemoryLedger(instance: "i1"))
  private let log = Complaints()

  var ledger: MemoryLedger { lives.ledger }
  var complaints: [String] { log.all }

  init(_ kind: PlatformKind, _ settings: AccountSettings, _ fake: HookFake) async throws {
    let clock = clock
    host = FakeHost(fake, now: { clock.now() })
    platform = kind.make(settings)
  }

  /// A team that was founded today, with what its manager wrote.
  func found(_ lines: String...) async throws {
    let words = try LanguageFiles.load(beside: nil)
    var teams = Teams(words: words)
    let now = Now(clock.now(), zones: FoundationZones())
    let admission = Admission(inviters: ["silent": ["ana"]], zone: "UTC", language: "en")
    let ana = Identity(account: "silent", user: "ana")
    var entries: [Entry] = []
    for (number, line) in ([""] + lines).enumerated() {
      let message = Message(
        id: "\(number)", room: Self.room, sender: ana, senderName: "Ana",
        kind: number == 0 ? .invited : .text, body: [.text(line)], roomName: "服务台")
      let answer = teams.answer(
        message, now: now, handled: now.instant, admission: admission, chance: UInt64(number))
      for happening in answer.events {
        teams.apply(happening.event, to: happening.team, at: now.instant)
        entries.append(Entry(team: happening.team, at: now.instant, event: happening.event))
      }
    }
    _ = try await ledger.record([Ruling(cause: .own("made"), entries: entries)], now: now.instant)
  }

  func say(_ texts: [String]) async throws {
    let drafts = texts.map { text in
      Draft(
        key: "t\(UUID().uuidString)", target: Self.place, kind: .digest,
        post: Post(text: Markup(text)))
    }
    _ = try await ledger.record([Ruling(cause: .own("said"), drafts: drafts)], now: clock.now())
    lives.wake()
  }

  func begin(_ what: [Places.What] = [.digests, .reminders]) throws {
    let place = Places.Place(account: "hook", ids: ["hook"], rooms: [Self.room], what: what)
    let setup = Session.Setup(
      accounts: [
        Account(name: "silent", platform: Silent(), credential: Credential(token: "t")),
        Account(name: "hook", platform: platform, credential: Credential(token: "")),
      ], words: try LanguageFiles.load(beside: nil),
      admission: Admission(inviters: [:], zone: "UTC", language: "en", places: Places([place])))
    lives.begin(
      Session(
        setup,
        Session.Ports(
          ledger: ledger, network: Net(host: host), clock: clock, zones: FoundationZones(),
          log: log.logger("posting"))))
  }

  func end() async throws { try await lives.end() }

  func die() async throws {
    await lives.die()
    try begin()
  }

  func turn(seconds: Int64) {
    clock.turn(to: clock.now().adding(seconds: seconds))
    lives.wake()
  }

  var delivered: [Delivered] { get async { await host.delivered } }

  func isQuiet() async throws -> Bool {
    let counts = try await ledger.counts()
    return counts.queued == 0 && counts.sending == 0 && counts.unknown == 0
  }

  /// Turns the clock on a little with each look.
  func wait(_ what: String, turning seconds: Int64 = 1, until isSo: () async throws -> Bool)
    async throws
  {
    var patience = Patience()
    while !patience.isOver() {
      if try await isSo() { return }
      turn(seconds: seconds)
      try await Task.sleep(for: .milliseconds(5))
    }
    throw ChatRun.Waited(what: what, complaints: complaints, delivered: await delivered)
  }
}

extension HookFake.Vendor {
  var url: String {
    switch self {
    case .generic, .mattermost, .teams: "https://hooks.example.org/a/x"
    case .slack: "https://hooks.slack.com/services/T/B/x"
    case .discord: "https://discord.com/api/webhooks/1/x"
    case .googlechat: "https://chat.googleapis.com/v1/spaces/S/messages?key=x&token=y"
    case .dingtalk: "https://oapi.dingtalk.com/robot/send?access_token=x"
    case .wecom: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x"
    case .feishu: "https://open.feishu.cn/open-apis/bot/v2/hook/x"
    }
  }

  var isSigned: Bool { [.generic, .dingtalk, .feishu].contains(self) }

  func settings(secret: String = "SECcanary", flags: Set<String> = []) -> AccountSettings {
    AccountSettings(
      account: "hook", flags: flags,
      secrets: [
        "url_file": Credential(token: url),
        "secret_file": Credential(token: isSigned ? secret : ""),
      ])
  }

  func run(flags: Set<String> = [], secret: String = "SECcanary") async throws -> PostingRun {
    try await PostingRun(
      kind, settings(secret: secret, flags: flags),
      HookFake(self, secret: isSigned ? "SECcanary" : ""))
  }
}
