// Tasks as a snapshot holds them: one behind the other in two long lists, of numbers and of words.
// A team of ten years has tens of thousands, and reading each as an object with named fields was
// most of what a start took.

/// Fields in a fixed order, on their way into the two lists or out of them. One list of a value's
/// fields serves both ways, so that they cannot come to differ.
struct FieldStream {
  struct Damaged: Error {}

  private(set) var numbers: [Int] = []
  private(set) var words: [String] = []
  private let isReading: Bool
  private var nextNumber = 0
  private var nextWord = 0

  init() { isReading = false }

  init(numbers: [Int], words: [String]) {
    (self.numbers, self.words, isReading) = (numbers, words, true)
  }

  mutating func stream(_ value: inout Int) throws {
    guard isReading else { return numbers.append(value) }
    guard nextNumber < numbers.count else { throw Damaged() }
    value = numbers[nextNumber]
    nextNumber += 1
  }

  mutating func stream(_ value: inout String) throws {
    guard isReading else { return words.append(value) }
    guard nextWord < words.count else { throw Damaged() }
    value = words[nextWord]
    nextWord += 1
  }

  mutating func stream<Value: Streamed>(_ list: inout [Value]) throws {
    guard isReading else {
      var count = list.count
      try stream(&count)
      for var value in list { try value.stream(&self) }
      return
    }
    list = []
    try each { list.append($0) }
  }

  /// Reads a list, and shows each of its values.
  mutating func each<Value: Streamed>(_ see: (Value) -> Void) throws {
    var count = 0
    try stream(&count)
    guard (0...numbers.count).contains(count) else { throw Damaged() }
    for _ in 0..<count {
      var value = Value.blank
      try value.stream(&self)
      see(value)
    }
  }

  /// Nothing is a list of none.
  mutating func stream<Value: Streamed>(_ value: inout Value?) throws {
    var isThere = value == nil ? 0 : 1
    try stream(&isThere)
    guard isThere == 1 else {
      value = nil
      return
    }
    var present = value ?? .blank
    try present.stream(&self)
    value = present
  }
}

/// What can go through a `FieldStream`.
protocol Streamed {
  /// Overwritten field by field.
  static var blank: Self { get }
  mutating func stream(_ fields: inout FieldStream) throws
}

extension Int: Streamed {
  static var blank: Int { 0 }
  mutating func stream(_ fields: inout FieldStream) throws { try fields.stream(&self) }
}

extension String: Streamed {
  static var blank: String { "" }
  mutating func stream(_ fields: inout FieldStream) throws { try fields.stream(&self) }
}

extension Person: Streamed {
  static var blank: Person { Person(0) }
  mutating func stream(_ fields: inout FieldStream) throws {
    var value = number
    try fields.stream(&value)
    self = Person(value)
  }
}

extension Day: Streamed {
  static var blank: Day { Day(number: 0) }
  mutating func stream(_ fields: inout FieldStream) throws {
    var value = number
    try fields.stream(&value)
    self = Day(number: value)
  }
}

extension Instant: Streamed {
  static var blank: Instant { Instant(milliseconds: 0) }
  mutating func stream(_ fields: inout FieldStream) throws {
    var value = Int(milliseconds)
    try fields.stream(&value)
    self = Instant(milliseconds: Int64(value))
  }
}

extension TimeOfDay: Streamed {
  static var blank: TimeOfDay { .midnight }
  mutating func stream(_ fields: inout FieldStream) throws {
    var value = minutes
    try fields.stream(&value)
    guard let time = TimeOfDay(hour: value / 60, minute: value % 60) else {
      throw FieldStream.Damaged()
    }
    self = time
  }
}

extension Tasks.Deadline: Streamed {
  static var blank: Tasks.Deadline { Tasks.Deadline(day: .blank, time: nil, zone: "") }
  mutating func stream(_ fields: inout FieldStream) throws {
    var (day, time, zone) = (day, time, zone)
    try day.stream(&fields)
    try fields.stream(&time)
    try fields.stream(&zone)
    self = Tasks.Deadline(day: day, time: time, zone: zone)
  }
}

extension Tasks.Gap: Streamed {
  static var blank: Tasks.Gap { Tasks.Gap(from: .blank) }
  mutating func stream(_ fields: inout FieldStream) throws {
    var (from, until) = (from, until)
    try from.stream(&fields)
    try fields.stream(&until)
    self = Tasks.Gap(from: from, until: until)
  }
}

extension Tasks.Item.State: Streamed {
  static var blank: Tasks.Item.State { .open }
  private static let order: [Tasks.Item.State] = [.open, .done, .dropped]

  mutating func stream(_ fields: inout FieldStream) throws {
    var place = Self.order.firstIndex(of: self) ?? 0
    try fields.stream(&place)
    guard Self.order.indices.contains(place) else { throw FieldStream.Damaged() }
    self = Self.order[place]
  }
}

extension Tasks.Item: Streamed {
  static var blank: Tasks.Item {
    Tasks.Item(
      id: 0, text: "", addedBy: .blank, addedOn: .blank, addedAt: .blank, owners: [],
      ownersSince: .blank, ownersOn: .blank, dueSetAt: .blank)
  }

  mutating func stream(_ fields: inout FieldStream) throws {
    try fields.stream(&id)
    try fields.stream(&text)
    try addedBy.stream(&fields)
    try addedOn.stream(&fields)
    try addedAt.stream(&fields)
    try state.stream(&fields)
    try fields.stream(&owners)
    try fields.stream(&givenBy)
    try fields.stream(&givenFrom)
    try ownersSince.stream(&fields)
    try ownersOn.stream(&fields)
    try fields.stream(&firstOwnedAt)
    try fields.stream(&firstOwnedOn)
    try fields.stream(&gaps)
    try fields.stream(&due)
    try dueSetAt.stream(&fields)
    try fields.stream(&goal)
    try fields.stream(&closedOn)
    try fields.stream(&closedBy)
    try fields.stream(&why)
    try fields.stream(&handedBackBy)
  }
}
