import Crew

extension GoogleChat {
  /// What a message says once its annotations are read: who is mentioned, and where.
  struct Body: Equatable {
    private var said = MessageBody()
    var pieces: [Piece] { said.pieces }
    /// An app of Chat is told only of what is for it, so whichever app is mentioned is the bot.
    var mentionsBot: Bool { said.mentionsBot }

    private struct Mark {
      var range: Range<String.Index>
      /// Nil for the bot.
      var person: String?
    }

    init(_ message: JSON, account: String) {
      let text = message["text"].string ?? ""
      var marks = (message["annotations"].array ?? []).prefix(Self.marksMax)
        .compactMap { Self.mark($0, in: text) }
      marks.sort { $0.range.lowerBound < $1.range.lowerBound }
      var at = text.startIndex
      for mark in marks where mark.range.lowerBound >= at {
        said.add(text[at..<mark.range.lowerBound])
        if let person = mark.person {
          said.mention(
            Identity(account: account, user: person), shown: String(text[mark.range]))
        } else {
          said.mentionBot()
        }
        at = mark.range.upperBound
      }
      said.add(text[at...])
      said.end()
    }

    private static let marksMax = 500
    /// The name of a command that stands for the bot's own, for whoever registers one alone.
    private static let ownCommand = "/crewbell"

    private static func mark(_ annotation: JSON, in text: String) -> Mark? {
      switch annotation["type"].string {
      case "USER_MENTION":
        let user = annotation["userMention"]["user"]
        let id = GoogleChat.last(of: user["name"].string, ["users"])
        let isBot = user["type"] == "BOT"
        guard isBot || id.map({ GoogleChat.isUser($0) }) == true,
          let range = range(of: annotation, in: text, beginningWith: "@")
        else { return nil }
        return Mark(range: range, person: isBot ? nil : id)
      case "SLASH_COMMAND":
        guard annotation["slashCommand"]["commandName"].string?.lowercased() == ownCommand,
          let range = range(of: annotation, in: text, beginningWith: "/")
        else { return nil }
        return Mark(range: range, person: nil)
      default: return nil
      }
    }

    /// Google does not say what its numbers count. UTF-16 is tried first, then scalars; right is
    /// where the sign stands.
    private static func range(
      of annotation: JSON, in text: String, beginningWith sign: Character
    ) -> Range<String.Index>? {
      let start = Int(clamping: annotation["startIndex"].integer ?? 0)
      let length = Int(clamping: annotation["length"].integer ?? 0)
      guard start >= 0, (1...1000).contains(length) else { return nil }
      func ends<Units: BidirectionalCollection>(_ units: Units) -> Range<String.Index>?
      where Units.Index == String.Index {
        guard
          let from = units.index(units.startIndex, offsetBy: start, limitedBy: units.endIndex),
          let to = units.index(from, offsetBy: length, limitedBy: units.endIndex),
          from.samePosition(in: text.unicodeScalars) != nil,
          to.samePosition(in: text.unicodeScalars) != nil,
          text.unicodeScalars[from...].first.map(Character.init) == sign
        else { return nil }
        return from..<to
      }
      return ends(text.utf16) ?? ends(text.unicodeScalars)
    }

  }
}
