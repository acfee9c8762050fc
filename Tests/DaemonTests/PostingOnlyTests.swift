import Crew
import Foundation
import Ledger
import Platforms
import Synchronization
import Testing

@testable import Daemon

@Suite struct PostingOnlyTests {
  /// Answers everything alike and remembers what was asked.
  private final class Answering: Network {
    let asked = Mutex<[HTTPRequest]>([])
    let answer: HTTPResponse
    init(_ answer: HTTPResponse) { self.answer = answer }
    func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
      asked.withLock { $0.append(request) }
      return answer
    }
  }

  private func examine(_ kind: PlatformKind, _ settings: AccountSettings, _ answer: HTTPResponse)
    async -> (findings: [Doctor.Finding], asked: [HTTPRequest])
  {
    let network = Answering(answer)
    let doctor = Doctor(network: network, clock: World())
    let account = Account(
      name: "place", platform: kind.make(settings), credential: Credential(token: ""))
    return (await doctor.examine(account), network.asked.withLock { $0 })
  }

  @Test func `doctor reaches each place and posts nothing`() async throws {
    for kind in PlatformKind.all where kind.places != nil && kind != .email {
      let (findings, asked) = await examine(kind, kind.sample, HTTPResponse(status: 200))
      #expect(findings.map(\.isWell) == [true], "\(kind.name)")
      #expect(findings.first?.line.contains("nothing was posted") == true)
      #expect(asked.map(\.method) == [.get] && asked.allSatisfy { $0.body == nil })
    }
  }

  @Test func `doctor says what is wrong with a mail server's login, and sends no mail`()
    async throws
  {
    let refusal = HTTPResponse(
      status: 535, headers: ["smtp-stage": "session"], body: Data("535 5.7.8 no".utf8))
    let (findings, asked) = await examine(.email, PlatformKind.email.sample, refusal)
    #expect(findings.map(\.isWell) == [false])
    #expect(findings.first?.line.contains("`password_file`") == true)
    #expect(asked.map(\.mail?.recipients) == [[]])
    let (well, _) = await examine(.email, PlatformKind.email.sample, HTTPResponse(status: 250))
    #expect(well.map(\.isWell) == [true])
  }

  private func mailBench(_ resend: Resend, isStrict: Bool = false) async throws -> Bench {
    var bench = try await Bench.team(platform: Plain(resend: resend), isStrict: isStrict)
    bench.world.write("ana", "/kudos @ben for the rollback")
    bench.world.trouble { $0.method == .post ? .answerLost : nil }
    try await bench.run()
    bench.world.trouble { _ in nil }
    return bench
  }

  @Test func `what keeps its id is sent again, and not for ever`() async throws {
    let bench = try await mailBench(.sameID(forSeconds: 3600))
    bench.world.pass(10)
    #expect(try await bench.send() == 1)
    let keys = bench.world.delivered.map(\.key)
    #expect(keys.count == 2 && Set(keys).count == 1)
    let late = try await mailBench(.sameID(forSeconds: 3600))
    late.world.pass(4000)
    try await late.send()
    #expect(late.world.texts.count == 1)
  }

  @Test func `a strict account never sends a second copy`() async throws {
    let bench = try await mailBench(.sameID(forSeconds: 3600), isStrict: true)
    bench.world.pass(10)
    try await bench.send()
    #expect(bench.world.texts.count == 1)
  }

  @Test func `an address that is refused gives the digest back to the chat`() async throws {
    var bench = try await Bench.team()
    bench.keeper.admission.places = Places(recipients: ["mail": ["*@example.org"]])
    let team = bench.keeper.teams.sorted[0].id
    let mailbox = Identity(account: "mail", user: "an@example.org")
    bench.world.write("ana", "/task add renew cert")
    try await bench.run()
    _ = try await bench.ledger.record(
      [
        Ruling(
          cause: .own("chosen"),
          entries: [
            Entry(
              team: team, at: bench.world.now(), event: .digest(.mailboxChosen(Person(1), mailbox)))
          ])
      ], now: bench.world.now())
    try await bench.keeper.open()
    #expect(bench.keeper.teams.sorted[0].digest.mailbox(of: Person(1)) == mailbox)
    try await bench.keeper.cannotReach(mailbox)
    try await bench.send()
    #expect(bench.keeper.teams.sorted[0].digest.mailbox(of: Person(1)) == nil)
    #expect(bench.world.texts.last?.hasPrefix("Mail to you was refused") == true)
    #expect(bench.world.texts.allSatisfy { !$0.contains("an@example.org") })
    try await bench.keeper.cannotReach(mailbox)
    #expect(try await bench.send() == 0)
  }
}
