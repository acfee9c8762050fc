import Foundation

/// What a cursor, or the progress of a post, holds between two calls: numbers, strings and lists of
/// the platform's own.
protocol Stored: Codable {}

extension Stored {
  /// Nil for nothing, and for what cannot be read.
  init?(stored text: String?) {
    guard let text, let read = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
      return nil
    }
    self = read
  }

  /// As JSON with its keys in order: the same is written the same.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings, numbers and lists always encode.
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

/// What begins empty, and begins anew where what was stored cannot be read.
protocol StoredMemory: Stored, Equatable {
  init()
}

extension StoredMemory {
  init(_ text: String?) { self = Self(stored: text) ?? Self() }

  /// What the operator is told where a stored cursor gave nothing.
  func complaints(about cursor: Cursor?) -> [String] {
    guard let cursor, !cursor.isEmpty, self == Self() else { return [] }
    return ["the stored cursor cannot be read: starting with a new baseline"]
  }
}
