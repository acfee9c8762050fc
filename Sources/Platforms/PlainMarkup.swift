import Crew

/// How one kind of markup writes the tree; what somebody wrote goes through `escape`, always.
struct MarkupStyle: Sendable {
  /// Of one line or many, since to put many together is slow.
  var escape: @Sendable (String) -> String
  /// Of what is written already, without a block in it.
  var strong: @Sendable (String) -> String = { $0 }
  var command: @Sendable (String) -> String
  var table: @Sendable (String) -> String
  var lineBreak = "\n"
  /// How somebody is pinged; nil for a place that nobody can answer in, where nobody is, and for
  /// whoever cannot be.
  var person: (@Sendable ([Identity]) -> String?)?

  func text(_ markup: Markup) -> String { markup.nodes.map(text).joined() }

  private func text(_ node: Markup.Node) -> String {
    switch node {
    case .text(let words), .moment(let words, _, _): lines(words)
    case .strong(let inner):
      inner.boldRuns.map { $0.table == nil ? strong(text($0)) : text($0) }.joined()
    case .command(let words): command(Printable.line(words))
    case .table(let words): table(Printable.text(words))
    case .person(let name, let identities, let pings):
      (pings ? person?(identities) : nil) ?? lines(name)
    case .lineBreak: lineBreak
    }
  }

  private func lines(_ words: String) -> String {
    let text = escape(Printable.text(words))
    return lineBreak == "\n" ? text : Printable.replacing(text, "\n") { _ in lineBreak }
  }

  /// Marks around the words of each line, since none reaches over its end and none counts beside
  /// white space.
  static func eachLine(_ mark: String) -> @Sendable (String) -> String {
    { text in
      var marked = ""
      for (number, line) in Printable.lines(text).enumerated() {
        if number > 0 { marked += "\n" }
        marked += marking(line, mark)
      }
      return marked
    }
  }

  private static func marking(_ line: String, _ mark: String) -> String {
    if Printable.isSeenAtBothEnds(line) { return mark + line + mark }
    let head = line.prefix { $0.isWhitespace }
    let tail = line.dropFirst(head.count)
    guard let end = tail.lastIndex(where: { !$0.isWhitespace }), !tail.allSatisfy(\.isBlank)
    else { return line }
    return head + mark + tail[...end] + mark + tail[tail.index(after: end)...]
  }

  /// Nothing but words.
  static let plain = MarkupStyle(escape: { $0 }, command: { $0 }, table: { $0 })
}

extension Markup {
  /// Whom of an account this pings: their ids, each once.
  func pinged(in account: String) -> [String] {
    var ids: [String] = []
    for node in nodes {
      switch node {
      case .person(_, let identities, true):
        let id = identities.sorted().first { $0.account == account }?.user
        if let id, !ids.contains(id) { ids.append(id) }
      case .strong(let inner): ids += inner.pinged(in: account).filter { !ids.contains($0) }
      default: break
      }
    }
    return ids
  }
}

extension Character {
  /// Nothing that marks could go around.
  fileprivate var isBlank: Bool {
    unicodeScalars.allSatisfy { $0.properties.isWhitespace || $0 == "\u{200B}" }
  }
}

extension Abilities {
  /// What is sent of a tree: at most `limit` of it, or `lengthMax`, counted as it is written.
  func fitting(_ markup: Markup, to limit: Int? = nil, _ write: (Markup) -> String) -> String {
    markup.written(to: limit ?? lengthMax, as: write, by: length(of:))
  }
}
