import Crew
import Foundation
import Platforms

extension EncoderChecks {
  public static let telegram = EncoderChecks(
    Telegram(.init(account: "telegram", token: "999:t")), account: "telegram", room: "-1001",
    user: "1", credential: Credential(token: "999:t"), isReadByOthers: true,
    read: TelegramReader.read)
}

/// Reads what we would send to Telegram as its server does: entities count UTF-16 units, and what
/// lies outside code is searched for `@name` and `/command`, which it makes into mentions and
/// buttons of its own accord. The rules are TDLib's (`MessageEntity.cpp`, `misc.cpp`).
///
/// Addresses and `#words` that stand in a text become what they are, a link to themselves; that is
/// left to it, because nothing is hidden behind them.
public enum TelegramReader {
  static let unitsMax = 4096

  private struct Letter {
    var scalar: Unicode.Scalar
    var style: Style
    var person: String?
    /// The server looks for nothing there.
    var isFixed: Bool
  }

  public static func read(_ request: HTTPRequest) throws -> [Seen] {
    guard let body = request.body, let call = JSON(body), let text = call["text"].string else {
      throw Harm("there is no text")
    }
    guard call["parse_mode"] == .null else { throw Harm("there is a parse_mode") }
    guard call["link_preview_options"]["is_disabled"] == true else {
      throw Harm("a link in the text would show a preview")
    }
    let units = Array(text.utf16)
    guard units.count <= unitsMax else { throw Harm("\(units.count) units") }
    var letters = try letters(of: units, call["entities"].array ?? [])
    clean(&letters)
    let pings = Set(letters.compactMap(\.person))
    for range in try mentions(in: letters) {
      let name = String(String.UnicodeScalarView(letters[range].map(\.scalar)))
      throw Harm("rings for \(name)")
    }
    for range in commands(in: letters) {
      for index in range { letters[index].style.insert(.code) }
    }
    return [Seen(runs: runs(of: letters), pings: pings)]
  }

  private static func runs(of letters: [Letter]) -> [Run] {
    var runs: [Run] = []
    for letter in letters {
      if let last = runs.last, last.style == letter.style, last.person == letter.person {
        runs[runs.count - 1].text.unicodeScalars.append(letter.scalar)
      } else {
        runs.append(Run(String(letter.scalar), letter.style, person: letter.person))
      }
    }
    return runs
  }

  /// Every scalar with what the entities say of it.
  private static func letters(of units: [UInt16], _ entities: [JSON]) throws -> [Letter] {
    var styles = [Style](repeating: [], count: units.count)
    var persons = [String?](repeating: nil, count: units.count)
    for entity in entities {
      guard let offset = entity["offset"].integer, let length = entity["length"].integer,
        let range = span(Int(offset), Int(length), units)
      else { throw Harm("an entity out of bounds: \(entity.text)") }
      switch entity["type"].string {
      case "bold": for index in range { styles[index].insert(.strong) }
      case "code": for index in range { styles[index].insert(.code) }
      case "pre": for index in range { styles[index].insert(.block) }
      case "text_mention":
        guard let user = entity["user"]["id"].integer else { throw Harm("a mention of nobody") }
        for index in range { persons[index] = String(user) }
      default: throw Harm("an entity of type \(entity["type"].text)")
      }
    }
    var letters: [Letter] = []
    var index = 0
    var decoder = UTF16()
    var iterator = units.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      let style = styles[index]
      let isFixed = !style.isDisjoint(with: [.code, .block]) || persons[index] != nil
      letters.append(
        Letter(scalar: scalar, style: style, person: persons[index], isFixed: isFixed))
      index += UTF16.width(scalar)
    }
    guard index == units.count else { throw Harm("half a character at \(index)") }
    return letters
  }

  /// Within the text, and between whole characters.
  private static func span(_ offset: Int, _ length: Int, _ units: [UInt16]) -> Range<Int>? {
    guard offset >= 0, length > 0, offset <= units.count, length <= units.count - offset else {
      return nil
    }
    let end = offset + length
    let isWhole =
      !UTF16.isTrailSurrogate(units[offset])
      && (end == units.count || !UTF16.isTrailSurrogate(units[end]))
    return isWhole ? offset..<end : nil
  }

  /// `clean_input_string`: what the server takes out before it looks at anything.
  private static func clean(_ letters: inout [Letter]) {
    letters.removeAll { letter in
      switch letter.scalar.value {
      case 0x0D, 0x2028...0x202E, 0x30A, 0x333, 0x33F: true
      default: false
      }
    }
    for index in letters.indices where letters[index].scalar.value < 0x20 {
      if letters[index].scalar != "\n" { letters[index].scalar = " " }
    }
  }

  /// `is_word_character`: a letter, a number, or the underscore.
  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "_" { return true }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber:
      return true
    default: return false
    }
  }

  private static func isName(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && isWord(scalar)
  }

  private static func end(ofName start: Int, in letters: [Letter]) -> Int {
    var end = start
    while end < letters.count, isName(letters[end].scalar) { end += 1 }
    return end
  }

  /// `match_mentions`.
  private static func mentions(in letters: [Letter]) throws -> [Range<Int>] {
    letters.indices.compactMap { at in
      guard letters[at].scalar == "@", !letters[at].isFixed,
        at == 0 || !isWord(letters[at - 1].scalar)
      else { return nil }
      let end = end(ofName: at + 1, in: letters)
      guard (2...32).contains(end - at - 1), end == letters.count || !isWord(letters[end].scalar)
      else { return nil }
      return at..<end
    }
  }

  /// `match_bot_commands`.
  private static func commands(in letters: [Letter]) -> [Range<Int>] {
    func bars(_ scalar: Unicode.Scalar) -> Bool {
      isWord(scalar) || "/<>".unicodeScalars.contains(scalar)
    }
    return letters.indices.compactMap { at in
      guard letters[at].scalar == "/", !letters[at].isFixed,
        at == 0 || !bars(letters[at - 1].scalar)
      else { return nil }
      let end = end(ofName: at + 1, in: letters)
      guard (1...64).contains(end - at - 1), end == letters.count || !bars(letters[end].scalar)
      else { return nil }
      return at..<end
    }
  }
}
