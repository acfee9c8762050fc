// Text whose columns line up where every letter is equally wide, and Chinese letters twice that.
extension Speaker {
  /// The cells of each row in columns, one blank between them. A column that holds numbers below
  /// its head is set to the right.
  func columns(_ rows: [[Phrase.Value]]) -> String {
    let cells = rows.map { row in row.map { show($0).plain(prefix: "") } }
    let count = cells.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      cells.map { $0.indices.contains(column) ? Columns.width($0[column]) : 0 }.max() ?? 0
    }
    let toRight = (0..<count).map { column in
      cells.dropFirst().allSatisfy { row in
        guard row.indices.contains(column), let first = row[column].first else { return true }
        return first.isNumber || first == "–"
      }
    }
    return cells.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let blanks = String(repeating: " ", count: widths[column] - Columns.width(cell))
        line += (column == 0 ? "" : " ") + (toRight[column] ? blanks + cell : cell + blanks)
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}

enum Columns {
  /// How many columns of a terminal a text takes.
  static func width(_ text: String) -> Int {
    text.reduce(0) { $0 + width($1) }
  }

  private static func width(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    let isWide =
      Text.isCJK(scalar) || (0xFF01...0xFF60).contains(scalar.value)
      || (0xAC00...0xD7A3).contains(scalar.value) || (0x1F300...0x1FAFF).contains(scalar.value)
    return isWide ? 2 : 1
  }

  /// At most so many columns, with an ellipsis where something is missing.
  static func cut(_ text: String, to limit: Int) -> String {
    guard width(text) > limit else { return text }
    var result = ""
    var used = 1
    for character in text {
      used += width(character)
      guard used <= limit else { break }
      result.append(character)
    }
    while result.last == " " { result.removeLast() }
    return result + "…"
  }
}
