import Crew
import Foundation
import Testing

@testable import Daemon

@Suite struct LanguageFilesTests {
  private func load(_ files: [String: String]) throws -> Words {
    let home = try ConfigHome()
    for (name, text) in files { try home.put(text, at: name, mode: 0o644) }
    return try LanguageFiles.load(beside: home.folder.path)
  }

  private func faults(_ text: String) -> [String] {
    var faults: [FileFault] = []
    _ = LanguageFiles.read(text, file: "de.json", &faults)
    return faults.map(\.description)
  }

  @Test func `the languages of the binary are there without any file`() throws {
    let words = try LanguageFiles.load(beside: nil)
    #expect(words.codes == ["en", "zh"])
    #expect(words.languages["zh"]?.name == "简体中文")
    #expect(try LanguageFiles.load(beside: "/nowhere").codes == ["en", "zh"])
  }

  @Test func `an operator's file adds a language, or replaces single phrases`() throws {
    let words = try load([
      "de.json": #"{"code": "de", "name": "Deutsch", "phrases": {"a": "ä"}, "commands": {}}"#,
      "en.json": #"{"code": "en", "phrases": {"tasks.taken": "Aye: #{id}."}}"#,
      "zh.json": #"{"code": "zh", "commands": {"help": ["救命"]}}"#,
      "notes.txt": "not a language",
    ])
    #expect(words.codes == ["de", "en", "zh"])
    #expect(words.languages["de"]?.phrases == ["a": "ä"])
    #expect(words.languages["en"]?.phrases["tasks.taken"] == "Aye: #{id}.")
    #expect(words.languages["zh"]?.commands["help"] == ["救命"])
    #expect(words.languages["zh"]?.commands["why"] == ["为什么"])
    #expect(words.languages["zh"]?.name == "简体中文")
  }

  @Test func `escapes mean in JSON what they mean everywhere`() throws {
    let text = #"{"code": "de", "phrases": {"a": "\ud83c\udf89 \u4f60 \/ \" \\ud83c\\udf89 \n"}}"#
    var faults: [FileFault] = []
    let language = LanguageFiles.read(text, file: "de.json", &faults)
    #expect(faults == [])
    #expect(language?.phrases["a"] == "🎉 你 / \" \\ud83c\\udf89 \n")
  }

  @Test(arguments: [
    ("", "de.json: is empty: write {\"code\": \"de\", \"name\": \"Deutsch\"}"),
    ("{\"name\": \"x\"}", "de.json:1:1: a language has no `code`: write `code: \"de\"`"),
    (
      "{\"code\": \"DE!\"}",
      "de.json:1:10: `code` is a few small letters: write \"de\" or \"pt-br\""
    ),
    (
      "{\"code\": \"de\",\n \"phrasen\": {}}",
      "de.json:2:2: there is no `phrasen` in a language: did you mean `phrases`?"
    ),
    (
      "{\"code\": \"de\",\n \"phrases\": {\"a\": [1]}}",
      "de.json:2:19: `a` takes one value, not a list or a mapping"
    ),
    (
      "{\"code\": \"de\",\n \"commands\": {\"help\": \"hilfe\"}}",
      "de.json:2:23: `help` takes a list: write `help: [\"…\"]`"
    ),
    (
      "{\"code\": \"de\",\n \"phrases\": {\"a\": \"x\",\n  \"a\": \"y\"}}",
      "de.json:3:3: `a` stands here twice: keep one of the two"
    ),
    (
      "{\"code\": \"de\"\n \"name\": \"x\"}",
      "de.json:2:2: not YAML: while parsing a flow mapping: did not find expected ',' or '}'"
    ),
  ]) func `what is wrong is told with its place`(text: String, fault: String) {
    #expect(faults(text) == [fault])
  }

  @Test func `all wrong files are told at once`() throws {
    #expect {
      try load(["de.json": "[]", "fr.json": "{"])
    } throws: { error in
      (error as? FileFaults)?.list.map(\.file).count == 2
    }
  }
}
