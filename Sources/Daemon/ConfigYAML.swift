import Foundation
import Yams

/// The text of a file as a tree whose every node knows where it stood.
enum YAMLText {
  /// Far above any real config; keeps a wrong file (a log, a disk image) from being read whole.
  static let bytesMax = 4 * 1024 * 1024

  /// Nil for a file that holds nothing but comments.
  ///
  /// Every plain word stays the text it was written as. `.basic` leaves out YAML 1.1's guesses, by
  /// which `22:30` is 1350 and `no` is false, and with them a dozen regular expressions a word.
  static func tree(_ text: String, file: String) throws(FileFaults) -> Node? {
    do {
      return try compose(yaml: text, .basic, .default, .utf8)
    } catch let error as YamlError {
      throw FileFaults([fault(error, text, file)])
    } catch {
      throw FileFaults([FileFault(file: file, "cannot be read: \(error)")])
    }
  }

  /// The bytes of a file as text.
  static func load(_ path: String) throws(FileFaults) -> String {
    let bytes: [UInt8]
    do {
      bytes = try SmallFile.content(of: path, bytesMax: bytesMax).bytes
    } catch {
      throw FileFaults([FileFault(file: path, error.text)])
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FileFaults([FileFault(file: path, "is not UTF-8: save it as UTF-8")])
    }
    return text
  }

  private static func fault(_ error: YamlError, _ text: String, _ file: String) -> FileFault {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      return syntax(Syntax(context: context, problem: problem, mark: mark), text, file)
    case .duplicatedKeysInMapping(let keys, let context):
      let key = keys.first ?? ""
      return FileFault(
        file: file, at: second(key, in: text, after: context.mark.line),
        "`\(shown(key))` stands here twice: keep one of the two")
    case .reader(let problem, let offset, _, _):
      return FileFault(file: file, at: position(ofCharacter: offset, in: text), problem)
    default:
      return FileFault(file: file, "cannot be read: \(error)")
    }
  }

  private struct Syntax {
    var context: YamlError.Context?
    var problem: String
    var mark: Mark
  }

  private static func syntax(_ error: Syntax, _ text: String, _ file: String) -> FileFault {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = error.mark.line <= lines.count ? lines[max(error.mark.line, 1) - 1] : ""
    let rest = line.unicodeScalars.dropFirst(error.mark.column - 1)
    let aliased =
      error.problem == "found undefined alias"
      || error.context?.text == "while scanning an alias"
    let at = FileFault.Position(line: error.mark.line, column: error.mark.column)
    if let first = rest.first, first == "@" || first == "`" || first == "%" {
      return FileFault(file: file, at: at, quoted(String(first)))
    }
    if aliased { return FileFault(file: file, at: at, quoted("*")) }
    if rest.first == "\t" {
      return FileFault(file: file, at: at, "a tab stands here: indent with spaces")
    }
    if error.problem == "mapping values are not allowed in this context" {
      return FileFault(
        file: file, at: at,
        "a second `:` in one line, or an indent that does not fit: put the value in quotes, "
          + "or line its key up with its neighbours")
    }
    if error.problem == "could not find expected ':'" {
      let start = error.context?.mark ?? error.mark
      return FileFault(
        file: file, at: .init(line: start.line, column: start.column),
        "a key without its colon: write `key: value`, with a space behind the colon")
    }
    let context = error.context.map { $0.text + ": " } ?? ""
    return FileFault(file: file, at: at, "not YAML: \(context)\(error.problem)")
  }

  private static func quoted(_ first: String) -> String {
    "a value that begins with `\(first)` must stand in quotes: write \"\(first)…\""
  }

  /// Yams tells where the first of two equal keys stands; the second is what was added.
  private static func second(_ key: String, in text: String, after line: Int) -> FileFault.Position
  {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, content) in lines.enumerated().dropFirst(line) {
      let trimmed = content.drop { $0 == " " || $0 == "-" }
      let bare = trimmed.filter { $0 != "\"" && $0 != "'" }
      if bare.hasPrefix(key + ":") {
        return .init(line: number + 1, column: content.count - trimmed.count + 1)
      }
    }
    return .init(line: line, column: 1)
  }

  private static func position(ofCharacter offset: Int?, in text: String) -> FileFault.Position? {
    guard let offset else { return nil }
    let before = text.prefix(offset)
    let start = before.lastIndex(of: "\n").map { before.index(after: $0) } ?? before.startIndex
    return .init(
      line: before.count { $0 == "\n" } + 1, column: before[start...].unicodeScalars.count + 1)
  }

  /// A foreign word fit for one line of a terminal.
  static func shown(_ text: String) -> String {
    let safe = text.unicodeScalars.prefix(60).map { $0.isUnsafeToShow ? "\u{FFFD}" : $0 }
    return String(String.UnicodeScalarView(safe)) + (text.unicodeScalars.count > 60 ? "…" : "")
  }
}
