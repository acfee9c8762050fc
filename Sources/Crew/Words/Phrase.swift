/// Something to say, before a language is chosen. The English text is both the fallback and what a
/// translator reads; `{name}` stands for a value, and `` `take {id}` `` is a command to type.
///
///     Phrase("tasks.taken", "#{id} is yours now.", ["id": .number(12)])
public struct Phrase: Sendable, Equatable {
  public indirect enum Value: Sendable, Equatable {
    /// Words from a person or a name: shown as written, never read as markup.
    case text(String)
    case number(Int)
    /// A person by name, nobody's phone rings.
    case person(Person)
    /// A person who is spoken to.
    case calls(Person)
    /// `Fri 28 Nov`, in the reader's language.
    case day(Day)
    case time(Day, TimeOfDay)
    /// A moment and how it reads on a wall that is so many seconds east of UTC, the zone named
    /// where it matters.
    case moment(Phrase, Instant, offsetSeconds: Int)
    case phrase(Phrase)
    /// Several, with the language's comma.
    case list([Value])
    /// Rows of cells whose columns line up; columns of numbers are set to the right.
    case table([[Value]])
    case markup(Markup)
  }

  public let key: String
  public let english: String
  public let values: [String: Value]

  public init(_ key: String, _ english: String, _ values: [String: Value] = [:]) {
    self.key = key
    self.english = english
    self.values = values
  }

  /// One phrase for one, another for any other count; `{count}` is the number.
  public static func counted(
    _ key: String, _ count: Int, one: String, many: String, _ values: [String: Value] = [:]
  ) -> Phrase {
    let values = values.merging(["count": .number(count)]) { $1 }
    return count == 1 ? Phrase(key + ".one", one, values) : Phrase(key + ".many", many, values)
  }

  /// A moment, with the words for whoever is not shown their own clock.
  public static func moment(_ words: Phrase, _ instant: Instant, _ now: Now, in zone: String)
    -> Phrase
  {
    let offset = now.zones.offsetSeconds(of: zone, at: instant) ?? 0
    return Phrase("verbatim", "{text}", ["text": .moment(words, instant, offsetSeconds: offset)])
  }

  /// Words that need no translation, such as a title.
  public static func verbatim(_ text: String) -> Phrase {
    Phrase("verbatim", "{text}", ["text": .text(text)])
  }
}
