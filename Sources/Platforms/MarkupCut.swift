import Crew

extension Markup {
  /// A beginning that is not longer than `limit` by that measure, ended by an ellipsis; itself
  /// where it is short enough. Before the cut is moved to a line's end, which the last half may
  /// hold, no more than a 64th of the limit is given away: measuring is what costs. Never cut
  /// inside a character.
  /// - Parameter length: of a tree as it would be sent, in the platform's own unit.
  func cut(to limit: Int, by length: (Markup) -> Int) -> Markup {
    let count = codePoints
    let whole = count <= limit ? length(self) : nil
    if let whole, whole <= limit { return self }
    return shortened(count, whole, to: limit, by: length)
  }

  /// As it is sent, cut like that; what is short enough is written once.
  func written<Form>(
    to limit: Int, as write: (Markup) -> Form, by length: (Form) -> Int
  ) -> Form {
    let count = codePoints
    let whole = count <= limit ? write(self) : nil
    if let whole, length(whole) <= limit { return whole }
    return write(shortened(count, whole.map(length), to: limit) { length(write($0)) })
  }

  /// - Parameters:
  ///   - count: how many code points it has.
  ///   - whole: its length, where that was measured.
  private func shortened(
    _ count: Int, _ whole: Int?, to limit: Int, by length: (Markup) -> Int
  ) -> Markup {
    let ellipsis: [Node] = [.lineBreak, .text("…")]
    // No code point is shorter than one unit, but for those that an encoder drops.
    var (fits, tooMany) = (0, min(count, limit))
    // Most texts are alike from end to end, so their own measure tells where to look; every other
    // look is at the middle, whatever the text.
    var isGuess = true
    var (units, unitsTooMany) = (
      0, whole ?? length(Markup(beginning(tooMany).nodes + ellipsis))
    )
    if unitsTooMany <= limit { (fits, units) = (tooMany, unitsTooMany) }
    // What is aimed at is what is good enough: a hair above the limit would need another look.
    let aim = limit - limit / 128
    while fits + 1 < tooMany {
      let share = Double(max(aim - units, 0)) / Double(max(unitsTooMany - units, 1))
      let guess = fits + Int(Double(tooMany - fits) * share)
      let middle = isGuess ? min(max(guess, fits + 1), tooMany - 1) : (fits + tooMany) / 2
      let measured = length(Markup(beginning(middle).nodes + ellipsis))
      if measured <= limit {
        (fits, units) = (middle, measured)
        if limit - measured <= max(16, limit / 64) { break }
      } else {
        (tooMany, unitsTooMany) = (middle, measured)
      }
      isGuess.toggle()
    }
    let said = beginning(fits).plain(prefix: "!")
    let line = said.utf8.lastIndex(of: UInt8(ascii: "\n")).map { String(said[..<$0]).codePoints }
    let end = line.flatMap { $0 > fits / 2 ? $0 : nil } ?? fits
    return Markup(beginning(end).nodes + ellipsis)
  }

  /// The first code points of the words alone. A command, a name or a moment is kept whole or
  /// not at all: half a command would be another one.
  private func beginning(_ count: Int) -> Markup {
    var left = count
    var kept: [Node] = []
    for node in nodes where left > 0 {
      let size = Self.codePoints(node)
      if size <= left {
        kept.append(node)
      } else {
        switch node {
        case .text(let text): kept.append(.text(Self.beginning(of: text, left)))
        case .table(let text): kept.append(.table(Self.beginning(of: text, left)))
        case .strong(let inner): kept.append(.strong(inner.beginning(left)))
        case .command, .person, .moment, .lineBreak: break
        }
      }
      left -= size
    }
    return Markup(kept)
  }

  /// So many code points, or less, so that no character is cut: to count those would be slow.
  private static func beginning(of text: String, _ count: Int) -> String {
    var left = count
    let end = Array(text.utf8).firstIndex { byte in
      if byte.beginsCodePoint { left -= 1 }
      return left < 0
    }
    guard let end else { return text }
    let place = text.utf8.index(text.startIndex, offsetBy: end)
    let head = text[..<place]
    return String(String.Index(place, within: text) == nil ? head.dropLast() : head)
  }

  private var codePoints: Int { nodes.reduce(0) { $0 + Self.codePoints($1) } }

  private static func codePoints(_ node: Node) -> Int {
    switch node {
    case .text(let words), .table(let words), .moment(let words, _, _), .person(let words, _, _):
      words.codePoints
    case .command(let words): 1 + words.codePoints
    case .strong(let inner): inner.codePoints
    case .lineBreak: 1
    }
  }
}
