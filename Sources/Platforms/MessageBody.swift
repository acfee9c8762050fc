import Crew

/// What a message says, put together from its words and mentions in their order, whatever those
/// look like on a platform.
struct MessageBody: Equatable {
  private(set) var pieces: [Piece] = []
  private(set) var mentionsBot = false
  /// It begins with the bot's name.
  private var isSpokenTo = false

  /// Words that join the words before them. Space before everything else is left out, and so is
  /// NUL, which PostgreSQL's text does not take.
  mutating func add(_ words: some StringProtocol) {
    let clean = Printable.withoutNUL(words)
    guard !clean.isEmpty else { return }
    if case .text(let before)? = pieces.last {
      pieces[pieces.count - 1] = .text(before + clean)
    } else if !pieces.isEmpty || !clean.allSatisfy(\.isWhitespace) {
      pieces.append(.text(clean))
    }
  }

  /// - Parameter shown: how people see it.
  mutating func mention(_ person: Identity, shown: String) {
    pieces.append(.mention(person, shown: Printable.withoutNUL(shown)))
  }

  /// The bot's own name, which is no part of what is said.
  mutating func mentionBot() {
    isSpokenTo = isSpokenTo || pieces.isEmpty
    mentionsBot = true
  }

  /// At the end: "@crewbell, do this" says "do this".
  mutating func end() {
    guard isSpokenTo, case .text(let text)? = pieces.first else { return }
    let rest = text.drop { $0.isWhitespace || ",:，：".contains($0) }
    if rest.isEmpty { pieces.removeFirst() } else { pieces[0] = .text(String(rest)) }
  }
}
