/// What Telegram's server finds in a text by itself: `/command`, `@name`, `#tag` and web addresses,
/// wherever no other entity was set.
enum EntityFinder {
  static func find(in text: String, among given: [Entity]) -> [Entity] {
    let units = Array(text.utf16)
    var found: [Entity] = []
    var at = 0
    while at < units.count {
      let entity = begin(units, at)
      if let entity, !given.contains(where: { overlaps($0, entity) }) {
        found.append(entity)
        at = entity.end
      } else {
        at += 1
      }
    }
    return (given + found).sorted { ($0.offset, -$0.length) < ($1.offset, -$1.length) }
  }

  /// Words may be bold around a mention, but code and mentions hold no other.
  private static func overlaps(_ given: Entity, _ found: Entity) -> Bool {
    !["bold", "italic", "underline"].contains(given.type) && given.offset < found.end
      && found.offset < given.end
  }

  private static func begin(_ units: [UInt16], _ at: Int) -> Entity? {
    let before = at > 0 ? units[at - 1] : 0x20
    switch units[at] {
    case 0x2F where !isWord(before) && ![0x2F, 0x3C, 0x3E].contains(before):
      var end = run(units, at + 1, 32)
      guard end > at + 1 else { return nil }
      if end < units.count, units[end] == 0x40, run(units, end + 1, 32) > end + 1 {
        end = run(units, end + 1, 32)
      }
      return Entity(type: "bot_command", offset: at, length: end - at)
    case 0x40 where !isWord(before):
      let end = run(units, at + 1, 32)
      return end >= at + 4 ? Entity(type: "mention", offset: at, length: end - at) : nil
    case 0x23 where !isWord(before):
      var end = at + 1
      while end < units.count, isWord(units[end]) { end += 1 }
      // A number alone, such as #41, is no tag.
      let isTag = units[at..<end].dropFirst().contains { !(0x30...0x39).contains($0) }
      return isTag ? Entity(type: "hashtag", offset: at, length: end - at) : nil
    case 0x68 where !isWord(before): return address(units, at)
    default: return nil
    }
  }

  private static func address(_ units: [UInt16], _ at: Int) -> Entity? {
    let schemes = ["https://", "http://"].map { Array($0.utf16) }
    guard let scheme = schemes.first(where: { units[at...].starts(with: $0) }) else { return nil }
    var end = at + scheme.count
    while end < units.count, units[end] > 0x20, units[end] < 0x7F { end += 1 }
    return end > at + scheme.count ? Entity(type: "url", offset: at, length: end - at) : nil
  }

  /// The end of the run of `[A-Za-z0-9_]`.
  private static func run(_ units: [UInt16], _ start: Int, _ max: Int) -> Int {
    var end = start
    while end < units.count, end - start < max, units[end] < 0x80, isWord(units[end]) { end += 1 }
    return end
  }

  private static func isWord(_ unit: UInt16) -> Bool {
    guard let scalar = Unicode.Scalar(unit) else { return true }
    return scalar == "_" || scalar.properties.isAlphabetic
      || scalar.properties.numericType != nil
  }
}
