import Crew
import Ledger
import Testing

@testable import Daemon

@Suite struct InFlightTests {
  private func claimed(_ id: Int64) -> Claimed {
    let room = Room(account: "desk", id: "lobby")
    return Claimed(
      id: id, key: "\(id)", target: .room(room), kind: .reply, post: Post(text: "hello"),
      progress: nil, attempt: 1, createdAt: Instant(seconds: 1), firstSentAt: nil,
      undisclosed: [])
  }

  @Test func `two who claim at once never take more places than there are`() {
    let inFlight = InFlight()
    let first = inFlight.reserve()
    #expect(first == InFlight.max)
    #expect(inFlight.reserve() == 0)
    inFlight.use(3, of: first)
    #expect(!inFlight.isReserved && !inFlight.isEmpty)
    let second = inFlight.reserve()
    #expect(second == InFlight.max - 3)
    inFlight.handOver([claimed(1), claimed(2)], of: second)
    #expect(inFlight.takeHandedOver().map(\.id) == [1, 2])
    #expect(inFlight.takeHandedOver().isEmpty)
    for _ in 1...5 { inFlight.free() }
    #expect(inFlight.isEmpty)
  }

  @Test func `closed, nothing new is claimed, and what was being claimed is still handed over`() {
    let inFlight = InFlight()
    let reserved = inFlight.reserve()
    inFlight.close()
    #expect(inFlight.isReserved)
    inFlight.handOver([claimed(1)], of: reserved)
    #expect(!inFlight.isReserved && !inFlight.isEmpty)
    #expect(inFlight.takeHandedOver().map(\.id) == [1])
    #expect(inFlight.reserve() == 0)
  }
}
