import Yams

/// A value and where it stood, for faults that are found later.
public struct Placed<Value: Sendable & Equatable>: Sendable, Equatable {
  public var value: Value
  public var position: FileFault.Position

  public init(_ value: Value, at position: FileFault.Position) {
    self.value = value
    self.position = position
  }
}

/// One mapping of a file: its values by key, each with the place of its key.
struct Fields {
  struct Field {
    var at: FileFault.Position
    var node: Node
  }

  /// What the mapping is, for faults: `account matrix`.
  var what: String
  /// Where to complain about something that is missing.
  var at: FileFault.Position
  var fields: [String: Field]
  /// In the order of the file.
  var order: [String] = []
  /// Keys that do not belong there; a fault has been told of each.
  var rejected: [String] = []
  /// False where something else stood; a fault has been told of that.
  var isMapping = true

  /// Whether a missing `key` needs a fault of its own, or is explained by a misspelt one.
  func lacks(_ key: String) -> Bool {
    isMapping && fields[key] == nil && !rejected.contains { Nearest.of($0, among: [key]) != nil }
  }
}

/// Reads a tree and collects everything that is wrong instead of stopping at the first.
struct ConfigReader {
  let file: String
  private(set) var faults: [FileFault] = []

  init(file: String) { self.file = file }

  mutating func fault(_ position: FileFault.Position?, _ text: String) {
    faults.append(FileFault(file: file, at: position, text))
  }

  /// - Parameters:
  ///   - keys: all that may stand there; nil where the keys are names of the operator's own.
  ///   - wrong: what to say of keys that deserve better than "there is no such key".
  mutating func fields(
    _ node: Node, of what: String, at: FileFault.Position? = nil, keys: [String]?,
    wrong: [String: String] = [:]
  ) -> Fields {
    var found = Fields(what: what, at: at ?? Self.place(node), fields: [:])
    guard case .mapping(let mapping) = node else {
      // Nothing under a key (all commented out) is a mapping without entries.
      found.isMapping = Self.isEmpty(node)
      if !found.isMapping {
        fault(Self.place(node), "\(what) must be lines of the form `key: value`")
      }
      return found
    }
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key else {
        fault(Self.place(key), "a key must be one word")
        continue
      }
      let name = scalar.string
      if let complaint = wrong[name] {
        found.rejected.append(name)
        fault(Self.place(key), complaint)
      } else if let keys, !keys.contains(name) {
        found.rejected.append(name)
        fault(Self.place(key), Self.unknown(name, among: keys, of: what))
      } else {
        found.fields[name] = .init(at: Self.place(key), node: value)
        found.order.append(name)
      }
    }
    return found
  }

  /// A word or sentence; nil, with a fault if the key stands there, without one.
  mutating func text(_ key: String, in fields: Fields) -> Placed<String>? {
    guard let field = fields.fields[key] else { return nil }
    guard case .scalar(let scalar) = field.node else {
      fault(Self.place(field.node), "`\(key)` takes one value, not a list or a mapping")
      return nil
    }
    if Self.isEmpty(field.node) {
      fault(field.at, "`\(key)` has no value: write one, or remove the line")
      return nil
    }
    return Placed(scalar.string, at: Self.place(field.node))
  }

  /// A key that must stand there. `example` is what to write.
  mutating func needed(_ key: String, in fields: Fields, write example: String) -> Placed<String>? {
    if fields.lacks(key) {
      fault(fields.at, "\(fields.what) has no `\(key)`: write `\(key): \(example)`")
    }
    return text(key, in: fields)
  }

  /// A list of words; nil where the key is missing.
  mutating func list(_ key: String, in fields: Fields, write example: String)
    -> [Placed<String>]?
  {
    guard let field = fields.fields[key] else { return nil }
    guard case .sequence(let sequence) = field.node else {
      fault(
        Self.isEmpty(field.node) ? field.at : Self.place(field.node),
        "`\(key)` takes a list: write `\(key): [\(example)]`")
      return nil
    }
    return sequence.compactMap { node in
      guard case .scalar(let scalar) = node, !Self.isEmpty(node) else {
        fault(Self.place(node), "an entry of `\(key)` must be one value, such as \(example)")
        return nil
      }
      return Placed(scalar.string, at: Self.place(node))
    }
  }

  static func place(_ node: Node) -> FileFault.Position {
    .init(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  private static func isEmpty(_ node: Node) -> Bool {
    guard case .scalar(let scalar) = node else { return false }
    if scalar.string.isEmpty { return true }
    return scalar.style == .plain && ["~", "null", "Null", "NULL"].contains(scalar.string)
  }

  static func unknown(_ name: String, among names: [String], of what: String) -> String {
    let start = "there is no `\(YAMLText.shown(name))` in \(what): "
    if let near = Nearest.of(name, among: names) { return start + "did you mean `\(near)`?" }
    return start + "write one of " + names.map { "`\($0)`" }.joined(separator: ", ")
  }
}

/// The name that somebody most likely meant.
enum Nearest {
  /// Nil where nothing is near: more than a third of the letters would have to change.
  static func of(_ word: String, among names: [String]) -> String? {
    if word.count > 2, let longer = names.first(where: { $0.hasPrefix(word) }) { return longer }
    let word = Array(word.lowercased().unicodeScalars.prefix(64))
    let near = names.map { ($0, distance(word, Array($0.lowercased().unicodeScalars))) }
      .min { $0.1 < $1.1 }
    guard let near, near.1 <= max(1, near.0.unicodeScalars.count / 3) else { return nil }
    return near.0
  }

  /// Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).
  static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, rows[i - 1][j - 1] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
