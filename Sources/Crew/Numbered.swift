/// Values by their own numbers, which are given in order. A look costs little more than in an
/// array; a copy that is changed costs one page and the list of pages, not every value.
///
/// A command is tried on a copy of its team before it counts, so what a change to a copy costs is
/// what a command costs in a team of a hundred thousand tasks.
struct Numbered<Value: Identifiable & Sendable & Equatable>: Sendable, Equatable
where Value.ID == Int {
  /// A page holds the values of that many numbers, a power of two.
  private static var pageSize: Int { 64 }

  /// By number / `pageSize`; none of them empty, each in order.
  private var pages: [Int: [Value]] = [:]

  init() {}

  init(_ values: some Sequence<Value>) {
    var filling = Filling()
    for value in values { filling.add(value) }
    self = filling.end()
  }

  /// Values one after the other. Those that come in order are put there a page at a time.
  struct Filling {
    private var filled = Numbered()
    private var page: [Value] = []

    mutating func add(_ value: Value) {
      if let last = page.last, last.id >= value.id || !Numbered.isOnePage(last.id, value.id) {
        turn()
      }
      if page.isEmpty { page.reserveCapacity(Numbered.pageSize) }
      page.append(value)
    }

    private mutating func turn() {
      guard let first = page.first else { return }
      let number = Numbered.page(first.id)
      if filled.pages[number] == nil {
        filled.pages[number] = page
      } else {
        for value in page { _ = filled.update(value) }
      }
      page = []
    }

    consuming func end() -> Numbered {
      turn()
      return filled
    }
  }

  private static func isOnePage(_ one: Int, _ other: Int) -> Bool { page(one) == page(other) }

  var isEmpty: Bool { pages.isEmpty }

  /// In the order of their numbers.
  var all: [Value] { pages.sorted { $0.key < $1.key }.flatMap(\.value) }

  /// Some of those with the smallest numbers, the smallest first.
  var firstPage: [Value] { pages.keys.min().flatMap { pages[$0] } ?? [] }

  subscript(_ id: Int) -> Value? {
    guard let page = pages[Self.page(id)] else { return nil }
    let place = Self.place(id, in: page)
    return place < page.count && page[place].id == id ? page[place] : nil
  }

  /// Puts a value where its number is; returns what was there.
  mutating func update(_ value: Value) -> Value? {
    let id = value.id
    return Self.change(&pages[Self.page(id), default: []]) { page in
      let place = Self.place(id, in: page)
      guard place < page.count, page[place].id == id else {
        page.insert(value, at: place)
        return nil
      }
      let former = page[place]
      page[place] = value
      return former
    }
  }

  @discardableResult
  mutating func remove(_ id: Int) -> Value? {
    let number = Self.page(id)
    guard self[id] != nil else { return nil }
    let former = Self.change(&pages[number, default: []]) { page in
      page.remove(at: Self.place(id, in: page))
    }
    if pages[number]?.isEmpty == true { pages[number] = nil }
    return former
  }

  /// In its place: a page that was taken out to be changed would be copied.
  private static func change<Result>(
    _ page: inout [Value], _ body: (inout [Value]) -> Result
  ) -> Result { body(&page) }

  private static func page(_ id: Int) -> Int { id.flooredQuotient(by: pageSize) }

  private static func place(_ id: Int, in page: [Value]) -> Int {
    if let last = page.last, last.id < id { return page.count }
    var (low, high) = (0, page.count)
    while low < high {
      let middle = (low + high) / 2
      if page[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
