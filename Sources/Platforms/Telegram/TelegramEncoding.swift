import Crew

extension Telegram {
  /// A text and its entities, never a `parse_mode`: so nothing needs escaping and nothing that
  /// somebody wrote can become markup. Offsets are in UTF-16 units, as the server counts.
  struct Encoding: Equatable {
    var text = ""
    var entities: [Mark] = []
    private var length = 0
    private let account: String
    /// The last two scalars: a sign and the name behind it may come from two nodes.
    private var before: Unicode.Scalar = " "
    private var last: Unicode.Scalar = " "
    private var isAfterButton = false

    init(_ markup: Markup, account: String) {
      self.account = account
      add(markup)
    }

    private mutating func add(_ markup: Markup) {
      for node in markup.nodes { add(node) }
    }

    private mutating func add(_ node: Markup.Node) {
      switch node {
      case .text(let words), .moment(let words, _, _): append(words)
      case .lineBreak: append("\n")
      case .strong(let inner): mark("bold") { $0.add(inner) }
      case .table(let words): mark("pre") { $0.append(words, isCode: true) }
      case .command(let words): add(command: words)
      case .person(let name, let identities, let pings):
        let here = identities.sorted().first { $0.account == account }.flatMap { Int64($0.user) }
        guard pings, let here else { return append(name) }
        mark("text_mention", .init(id: here, name: name)) { $0.append(name) }
      }
    }

    /// A lone word is sent by a tap as it stands. With arguments a tap would send the first word
    /// only, so it is set as code, which a tap copies.
    private mutating func add(command: String) {
      let isWord =
        (1...64).contains(command.utf8.count)
        && command.utf8.allSatisfy {
          (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x5F
        }
      guard isWord else { return mark("code") { $0.append("/" + command, isCode: true) } }
      if Telegram.stopsButton(last) { put("\u{200B}") }
      for scalar in "/\(command)".unicodeScalars { put(scalar) }
      isAfterButton = true
    }

    /// What somebody wrote, so that it stays words: the server makes a ping of every `@name` and a
    /// button of every `/word`, so a zero-width space stands behind those signs. Addresses and
    /// paths such as `ana@example.org` and `a/b` are no such thing and stay whole. In code the
    /// server looks for nothing.
    private mutating func append(_ words: String, isCode: Bool = false) {
      var isInside = false
      for scalar in words.unicodeScalars where !Telegram.isDropped(scalar) {
        // What is cut off anyway need not be made first.
        guard length <= 2 * Telegram.lengthMax else { return }
        let wouldGrow = isAfterButton && (Telegram.stopsButton(scalar) || scalar == "@")
        let wouldName =
          !isInside && Telegram.isNameLetter(scalar) && Telegram.isSign(last, after: before)
        if wouldGrow || wouldName { put("\u{200B}") }
        put(scalar)
        isInside = isCode
      }
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
      text.unicodeScalars.append(scalar)
      length += UTF16.width(scalar)
      (before, last) = (last, scalar)
      isAfterButton = false
    }

    private mutating func mark(
      _ type: String, _ user: Mark.User? = nil, _ fill: (inout Self) -> Void
    ) {
      // What stops a button from growing is no part of what is marked.
      if isAfterButton { put("\u{200B}") }
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
      // Bytes, because a look back over flags goes back to the first of them, each time.
      let line = head.utf8.lastIndex(of: UInt8(ascii: "\n")).map { head[..<$0] }
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

  /// What the server takes out of a text before it looks for names (TDLib's `clean_input_string`):
  /// left in, it would hide a name from us and not from the server.
  static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0, 0x0D, 0x2028...0x202E, 0x30A, 0x333, 0x33F: true
    default: false
    }
  }

  /// What no button may stand beside, for the server.
  static func stopsButton(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .letterNumber, .otherNumber: true
    default: isWord(scalar) || "/<>".unicodeScalars.contains(scalar)
    }
  }

  static func isSign(_ scalar: Unicode.Scalar, after before: Unicode.Scalar) -> Bool {
    switch scalar {
    case "@": !isWord(before)
    case "/": !isWord(before) && !"/<>".unicodeScalars.contains(before)
    default: false
    }
  }

  static func isNameLetter(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && isWord(scalar)
  }

  /// A letter or a digit for the server too. A vowel sign or a circled letter is none there, though
  /// Unicode calls it alphabetic. A letter taken for no letter costs an unseen space at most.
  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      return scalar == "_" || ("0"..."9").contains(scalar)
        || ("a"..."z").contains(Unicode.Scalar(scalar.value | 0x20) ?? scalar)
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber:
      return true
    default: return false
    }
  }

  /// Whole characters only; of a first character that is longer than all that, whole scalars.
  static func prefix(of text: String, _ unitsMax: Int) -> String {
    var units = 0
    let whole = text.prefix { character in
      units += character.utf16.count
      return units <= unitsMax
    }
    if !whole.isEmpty { return String(whole) }
    units = 0
    let scalars = text.unicodeScalars.prefix { scalar in
      units += UTF16.width(scalar)
      return units <= unitsMax
    }
    return String(scalars)
  }

  /// At most that many UTF-16 units, ended by an ellipsis where something was cut.
  static func cut(_ text: String, _ unitsMax: Int) -> String {
    text.utf16.count <= unitsMax ? text : prefix(of: text, unitsMax - 1) + "…"
  }
}
