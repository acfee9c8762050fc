import Crew

extension Telegram {
  /// A text and its entities, never a `parse_mode`: so nothing needs escaping and nothing that
  /// somebody wrote can become markup. Offsets are in UTF-16 units, as the server counts.
  struct Encoding: Equatable {
    var text = ""
    var entities: [Outgoing.Entity] = []
    private var length = 0
    private let account: String

    init(_ markup: Markup, account: String) {
      self.account = account
      add(markup)
    }

    private mutating func add(_ markup: Markup) {
      for node in markup.nodes { add(node) }
    }

    private mutating func add(_ node: Markup.Node) {
      switch node {
      case .text(let words): append(Telegram.inert(words))
      case .lineBreak: append("\n")
      case .strong(let inner): mark("bold") { $0.add(inner) }
      case .table(let words): mark("pre") { $0.append(words.filter { $0 != "\0" }) }
      case .command(let words): add(command: words)
      case .person(let name, let identities, let pings):
        let here = identities.first { $0.account == account }.flatMap { Int64($0.user) }
        guard pings, let here else { return append(Telegram.inert(name)) }
        let user = Outgoing.Entity.User(id: here, firstName: name)
        mark("text_mention", user) { $0.append(Telegram.inert(name)) }
      }
    }

    /// A lone word is sent by a tap as it stands. With arguments a tap would send the first word
    /// only, so it is set as code, which a tap copies.
    private mutating func add(command: String) {
      let isWord = command.utf8.allSatisfy {
        (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x5F
      }
      let words = "/" + command.filter { $0 != "\0" }
      if isWord { append(words) } else { mark("code") { $0.append(words) } }
    }

    private mutating func append(_ words: String) {
      text += words
      length += words.utf16.count
    }

    private mutating func mark(
      _ type: String, _ user: Outgoing.Entity.User? = nil, _ fill: (inout Self) -> Void
    ) {
      let start = length
      let place = entities.count
      fill(&self)
      guard length > start else { return }
      entities.insert(
        .init(type: type, offset: start, length: length - start, user: user), at: place)
    }

    /// At most that many units: cut at the end of a line where the last half holds one, ended by
    /// an ellipsis.
    func cut(to unitsMax: Int) -> Self {
      guard length > unitsMax else { return self }
      let head = Telegram.prefix(of: text, unitsMax - 2)
      let line = head.lastIndex(of: "\n").map { head[..<$0] }
      let kept = line.flatMap { $0.utf16.count > unitsMax / 2 ? $0 + "\n" : nil } ?? head
      var cut = self
      cut.length = kept.utf16.count
      cut.entities = entities.compactMap { entity in
        var entity = entity
        entity.length = min(entity.length, cut.length - entity.offset)
        return entity.length > 0 ? entity : nil
      }
      cut.text = kept + "…"
      return cut
    }
  }

  /// What somebody wrote, so that it stays words: the server makes a ping of every `@name` and a
  /// button of every `/word`, so a zero-width space stands behind those signs. Addresses and
  /// paths such as `ana@example.org` and `a/b` are no such thing and stay whole.
  static func inert(_ words: String) -> String {
    var out = String.UnicodeScalarView()
    var before: Unicode.Scalar = " "
    var last: Unicode.Scalar = " "
    for scalar in words.unicodeScalars where scalar.value != 0 {
      if isNameLetter(scalar), isSign(last, after: before) { out.append("\u{200B}") }
      out.append(scalar)
      before = last
      last = scalar
    }
    return String(out)
  }

  private static func isSign(_ scalar: Unicode.Scalar, after before: Unicode.Scalar) -> Bool {
    switch scalar {
    case "@": !isWord(before)
    case "/": !isWord(before) && !"/<>".unicodeScalars.contains(before)
    default: false
    }
  }

  private static func isNameLetter(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && isWord(scalar)
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
  }

  /// Whole characters only.
  static func prefix(of text: String, _ unitsMax: Int) -> String {
    var units = 0
    return String(
      text.prefix { character in
        units += character.utf16.count
        return units <= unitsMax
      })
  }

  /// At most that many UTF-16 units, ended by an ellipsis where something was cut.
  static func cut(_ text: String, _ unitsMax: Int) -> String {
    text.utf16.count <= unitsMax ? text : prefix(of: text, unitsMax - 1) + "…"
  }
}
