import Testing

@testable import Crew

/// Held against a dictionary, which it takes the place of.
@Suite struct NumberedTests {
  private struct Thing: Identifiable, Sendable, Equatable {
    var id: Int
    var word: Int
  }

  @Test(arguments: 1...4) func `it is a dictionary in order`(seed: Int) {
    var dice = TasksIndexTests.Dice(state: UInt64(seed))
    var numbered = Numbered<Thing>()
    var dictionary: [Int: Thing] = [:]
    for _ in 0..<2000 {
      // Close together and far apart, before the first too.
      let id = dice.roll(2) == 0 ? dice.roll(300) : dice.roll(100_000) - 50_000
      if dice.roll(3) == 0 {
        #expect(numbered.remove(id) == dictionary.removeValue(forKey: id))
      } else {
        let thing = Thing(id: id, word: dice.roll(1000))
        #expect(numbered.update(thing) == dictionary.updateValue(thing, forKey: id))
      }
      let other = dice.roll(300)
      #expect(numbered[other] == dictionary[other])
    }
    #expect(numbered.all == dictionary.values.sorted { $0.id < $1.id })
    #expect(numbered == Numbered(dictionary.values.shuffled()))
    #expect(numbered == Numbered(numbered.all))
    #expect(numbered == Numbered(numbered.all.map { Thing(id: $0.id, word: -1) } + numbered.all))
    for id in dictionary.keys { numbered.remove(id) }
    #expect(numbered.isEmpty && numbered == Numbered())
  }

  @Test func `a copy keeps what it had`() {
    var numbered = Numbered((1...200).map { Thing(id: $0, word: 0) })
    let copy = numbered
    for id in stride(from: 1, through: 200, by: 3) { _ = numbered.update(Thing(id: id, word: 1)) }
    #expect(copy.all.allSatisfy { $0.word == 0 } && copy.all.count == 200)
  }
}
