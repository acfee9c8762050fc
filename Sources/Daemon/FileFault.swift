/// Something wrong in a file of the operator's, told the way compilers do:
/// `file:line:column: what is wrong, what to write`.
public struct FileFault: Error, Sendable, Equatable, CustomStringConvertible {
  public struct Position: Sendable, Equatable, Comparable {
    /// Both counted from 1, columns in Unicode scalars.
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
      self.line = line
      self.column = column
    }

    public static func < (a: Position, b: Position) -> Bool {
      (a.line, a.column) < (b.line, b.column)
    }
  }

  public let file: String
  /// Nil where the file as a whole is meant.
  public let position: Position?
  public let text: String

  public init(file: String, at position: Position? = nil, _ text: String) {
    self.file = file
    self.position = position
    // Whatever of the file stands in it, a fault is one line of a terminal.
    self.text = String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.isUnsafeToShow ? "\u{FFFD}" : $0 }))
  }

  public var description: String {
    guard let position else { return "\(file): \(text)" }
    return "\(file):\(position.line):\(position.column): \(text)"
  }
}

/// All that is wrong with one reading, in the order of the file, so that it is put right in one go.
public struct FileFaults: Error, Sendable, Equatable, CustomStringConvertible {
  public let list: [FileFault]

  public init(_ list: [FileFault]) {
    self.list = list.enumerated().sorted { a, b in
      let places = (
        a.element.position ?? .init(line: 0, column: 0),
        b.element.position ?? .init(line: 0, column: 0)
      )
      return (a.element.file, places.0, a.offset) < (b.element.file, places.1, b.offset)
    }.map(\.element)
  }

  /// One fault a line.
  public var description: String { list.map(\.description).joined(separator: "\n") }
}
