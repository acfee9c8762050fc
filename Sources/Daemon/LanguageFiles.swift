import Crew
import Foundation
import Yams

/// The languages: those inside the binary, and the operator's files beside the config, which add
/// a language or replace single phrases.
public enum LanguageFiles {
  /// One name here for each file in `Languages/`.
  static let embedded: [(file: String, bytes: [UInt8])] = [("zh.json", PackageResources.zh_json)]

  /// - Parameter folder: `languages` beside the config; it need not exist.
  /// - Throws: everything that is wrong with the files of the operator.
  public static func load(beside folder: String?) throws(FileFaults) -> Words {
    var languages: [Language] = []
    var faults: [FileFault] = []
    for (file, bytes) in embedded {
      add(read(String(decoding: bytes, as: UTF8.self), file: file, &faults), to: &languages)
    }
    for path in folder.map(files) ?? [] {
      do {
        add(read(try YAMLText.load(path), file: path, &faults), to: &languages)
      } catch {
        faults += error.list
      }
    }
    guard faults.isEmpty else { throw FileFaults(faults) }
    return Words(languages)
  }

  /// In the order of their names, so that the same files always give the same words.
  private static func files(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted()
      .map { folder + "/" + $0 }
  }

  private static func add(_ language: Language?, to languages: inout [Language]) {
    guard let language else { return }
    guard let index = languages.firstIndex(where: { $0.code == language.code }) else {
      languages.append(language)
      return
    }
    if !language.name.isEmpty { languages[index].name = language.name }
    languages[index].phrases.merge(language.phrases) { $1 }
    languages[index].commands.merge(language.commands) { $1 }
  }

  /// JSON is read as the YAML that it also is, because Foundation's parser does not tell where a
  /// value stood.
  static func read(_ text: String, file: String, _ faults: inout [FileFault]) -> Language? {
    var reader = ConfigReader(file: file)
    var language: Language?
    do {
      if let tree = try YAMLText.tree(joiningSurrogates(text), file: file) {
        language = read(tree, &reader)
      } else {
        reader.fault(nil, "is empty: write {\"code\": \"de\", \"name\": \"Deutsch\"}")
      }
      faults += reader.faults
    } catch {
      faults += error.list
    }
    return language
  }

  private static func read(_ tree: Node, _ reader: inout ConfigReader) -> Language? {
    let top = reader.fields(
      tree, of: "a language", keys: ["code", "name", "phrases", "commands"])
    guard let code = reader.needed("code", in: top, write: "\"de\"") else { return nil }
    if !(2...16).contains(code.value.utf8.count)
      || !code.value.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x2D })
    {
      reader.fault(code.position, "`code` is a few small letters: write \"de\" or \"pt-br\"")
    }
    let name = reader.text("name", in: top)?.value ?? ""
    var language = Language(code: code.value, name: name)
    if let field = top.fields["phrases"] {
      let phrases = reader.fields(field.node, of: "`phrases`", at: field.at, keys: nil)
      for key in phrases.order { language.phrases[key] = reader.text(key, in: phrases)?.value }
    }
    if let field = top.fields["commands"] {
      let commands = reader.fields(field.node, of: "`commands`", at: field.at, keys: nil)
      for key in commands.order {
        language.commands[key] = reader.list(key, in: commands, write: "\"…\"")?.map(\.value)
      }
    }
    return language
  }

  /// JSON writes a letter beyond U+FFFF as two escapes (`\ud83c\udf89`), YAML as one.
  static func joiningSurrogates(_ text: String) -> String {
    guard text.contains("\\u") || text.contains("\\U") else { return text }
    let bytes = Array(text.utf8)
    var joined: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if let high = unit(bytes, index), let low = unit(bytes, index + 6),
        (0xD800..<0xDC00).contains(high), (0xDC00..<0xE000).contains(low)
      {
        let scalar = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
        let hex = String(scalar, radix: 16)
        joined += "\\U\(String(repeating: "0", count: 8 - hex.utf8.count))\(hex)".utf8
        index += 12
      } else if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count {
        // An escaped backslash must not lend its second half to what follows.
        joined += bytes[index...index + 1]
        index += 2
      } else {
        joined.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: joined, as: UTF8.self)
  }

  /// The number of an escape `\uXXXX` that begins at `index`.
  private static func unit(_ bytes: [UInt8], _ index: Int) -> Int? {
    guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"),
      bytes[index + 1] == UInt8(ascii: "u")
    else { return nil }
    return Int(String(decoding: bytes[index + 2..<index + 6], as: UTF8.self), radix: 16)
  }
}
