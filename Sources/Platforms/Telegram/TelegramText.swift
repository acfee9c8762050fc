import Crew
import Foundation

extension Telegram {
  /// What a text says once its entities are read.
  struct Reading: Equatable {
    private var said = MessageBody()
    var pieces: [Piece] { said.pieces }
    var mentionsBot: Bool { said.mentionsBot }
    /// It begins with `/command@OtherBot`.
    var isForAnotherBot = false

    private struct Cut {
      var range: Range<Int>
      /// Nil for the bot, whose name is dropped.
      var person: Identity?
    }

    init(_ text: String, _ entities: [Entity], _ memory: Memory, _ account: String) {
      let units = Array(text.utf16)
      var cuts: [Cut] = []
      if let address = Self.address(units, entities) {
        let name = Self.string(units[address.dropFirst()])
        if name.lowercased() == memory.username {
          cuts.append(Cut(range: address, person: nil))
        } else {
          isForAnotherBot = true
        }
      }
      cuts += entities.compactMap { Self.mention($0, units, memory, account) }
      cuts.sort { $0.range.lowerBound < $1.range.lowerBound }
      if cuts.isEmpty { said.add(text) } else { assemble(units, cuts) }
      said.end()
    }

    /// Where the `@name` of a leading `/command@name` stands. The client marks a command only in
    /// ASCII, so `/任务@name` is found by its shape, and by the `bot` that ends a bot's name.
    private static func address(_ units: [UInt16], _ entities: [Entity]) -> Range<Int>? {
      guard let first = units.first, first == 0x2F || first == 0xFF0F || first == 0x21 else {
        return nil
      }
      let end = units.firstIndex(where: isSpace) ?? units.count
      guard let at = units[..<end].firstIndex(of: 0x40) else { return nil }
      let tail = units[(at + 1)..<end].prefix(while: isNamePart)
      guard !tail.isEmpty else { return nil }
      let range = at..<tail.endIndex
      let isMarked = entities.contains {
        $0.type == "bot_command" && $0.offset == 0 && $0.length == range.upperBound
      }
      return isMarked || string(tail).lowercased().hasSuffix("bot") ? range : nil
    }

    private static func mention(
      _ entity: Entity, _ units: [UInt16], _ memory: Memory, _ account: String
    ) -> Cut? {
      guard entity.offset >= 0, entity.length > 0, entity.offset < units.count,
        entity.length <= units.count - entity.offset
      else { return nil }
      let range = entity.offset..<entity.offset + entity.length
      let shown = string(units[range])
      let id: Int64?
      switch entity.type {
      case "mention":
        let name = shown.dropFirst()
        id = name.lowercased() == memory.username ? memory.bot : memory.id(named: name)
      case "text_mention": id = entity.user?.id
      default: return nil
      }
      guard let id else { return nil }
      let isBot = id == memory.bot
      return Cut(
        range: range, person: isBot ? nil : Identity(account: account, user: String(id)))
    }

    private mutating func assemble(_ units: [UInt16], _ cuts: [Cut]) {
      var at = 0
      for cut in cuts where cut.range.lowerBound >= at {
        said.add(Self.string(units[at..<cut.range.lowerBound]))
        if let person = cut.person {
          said.mention(person, shown: Self.string(units[cut.range]))
        } else {
          said.mentionBot()
        }
        at = cut.range.upperBound
      }
      said.add(Self.string(units[at...]))
    }

    private static func string(_ units: ArraySlice<UInt16>) -> String {
      String(decoding: units, as: UTF16.self)
    }

    private static func isSpace(_ unit: UInt16) -> Bool {
      unit == 0x20 || unit == 0x0A || unit == 0x0D || unit == 0x09 || unit == 0x3000
    }

    private static func isNamePart(_ unit: UInt16) -> Bool {
      (0x30...0x39).contains(unit) || (0x41...0x5A).contains(unit) || unit == 0x5F
        || (0x61...0x7A).contains(unit)
    }
  }
}
