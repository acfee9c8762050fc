import Foundation
import Testing

@testable import Crew

/// Tasks stand in a snapshot as numbers and words, without the names of their fields.
@Suite struct TasksStoredTests {
  /// With something in every field.
  private static func full(_ id: Int) -> Tasks.Item {
    var item = Tasks.Item(
      id: id, text: "renew \(id)", addedBy: Person(1), addedOn: Day(number: 2),
      addedAt: Instant(milliseconds: 3), owners: [Person(4), Person(5)],
      ownersSince: Instant(milliseconds: 6), ownersOn: Day(number: 7),
      due: Tasks.Deadline(
        day: Day(number: 8), time: TimeOfDay(hour: 9, minute: 10), zone: "Europe/Berlin"),
      dueSetAt: Instant(milliseconds: 11), goal: 12)
    item.state = .done
    item.givenBy = Person(13)
    item.givenFrom = [Person(14)]
    (item.firstOwnedAt, item.firstOwnedOn) = (Instant(milliseconds: 15), Day(number: -16))
    item.gaps = [Tasks.Gap(from: Day(number: 17), until: Day(number: 18))]
    (item.closedOn, item.closedBy, item.why) = (Day(number: 19), Person(20), "no 需要")
    item.handedBackBy = Person(21)
    return item
  }

  private func streamed(_ items: [Tasks.Item]) throws -> [Tasks.Item] {
    var (items, fields) = (items, FieldStream())
    try fields.stream(&items)
    var (read, back) = ([Tasks.Item](), FieldStream(numbers: fields.numbers, words: fields.words))
    try back.stream(&read)
    return read
  }

  /// A new field of a task belongs into `stream` and into `full`.
  @Test func `no field of a task is left out`() throws {
    let item = Self.full(1)
    #expect(Mirror(reflecting: item).children.count == 21)
    #expect(try streamed([item]) == [item])
    let bare = Tasks.Item.blank
    #expect(try streamed([bare, item, bare]) == [bare, item, bare])
    for state in [Tasks.Item.State.open, .dropped] {
      var item = item
      item.state = state
      #expect(try streamed([item]) == [item])
    }
  }

  @Test func `the forms before are read too`() throws {
    var tasks = Tasks()
    for id in 1...3 { tasks.apply(.restored(Self.full(id)), at: Instant(milliseconds: 0)) }
    func with(_ items: some Encodable) throws -> Data {
      let rest = [[1, 2], [], [3]]
      let parts = try [JSONEncoder().encode(items)] + rest.map { try JSONEncoder().encode($0) }
      let texts = parts.map { String(decoding: $0, as: UTF8.self) }
      let names = ["items", "closedIDs", "openIDs", "lastID"]
      let members = zip(names, texts.dropLast() + ["3"]).map { "\"\($0)\":\($1)" }
      return Data("{\(members.joined(separator: ","))}".utf8)
    }
    let list = try JSONDecoder().decode(Tasks.self, from: try with(tasks.all))
    let byNumber = Dictionary(uniqueKeysWithValues: tasks.all.map { ($0.id, $0) })
    let table = try JSONDecoder().decode(Tasks.self, from: try with(byNumber))
    let now = try JSONDecoder().decode(Tasks.self, from: try JSONEncoder().encode(tasks))
    #expect(list.all == tasks.all && table.all == tasks.all && now == tasks)
  }

  @Test func `lists that end too soon are refused`() throws {
    var (items, fields) = ([Self.full(1)], FieldStream())
    try fields.stream(&items)
    for count in 0..<fields.numbers.count {
      var back = FieldStream(numbers: Array(fields.numbers[..<count]), words: fields.words)
      #expect(throws: FieldStream.Damaged.self) { try back.stream(&items) }
    }
    var back = FieldStream(numbers: fields.numbers, words: [])
    #expect(throws: FieldStream.Damaged.self) { try back.stream(&items) }
  }
}
