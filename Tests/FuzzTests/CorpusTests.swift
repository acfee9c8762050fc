import Foundation
import Hostile
import Platforms
import Testing

/// Every input that the fuzzer found worth keeping, once through the same functions.
@Suite struct CorpusTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fuzz/Corpus").standardized

  @Test(arguments: FuzzTarget.all)
  func `what was found once is harmless for ever`(target: FuzzTarget) async throws {
    let place = Self.folder.appending(path: target.name)
    let files = try FileManager.default.contentsOfDirectory(
      at: place, includingPropertiesForKeys: nil)
    #expect(files.count >= 5)
    for file in files.sorted(by: { $0.path < $1.path }) {
      let bytes = try [UInt8](Data(contentsOf: file))
      await #expect(throws: Never.self, "\(target.name)/\(file.lastPathComponent)") {
        try await apart { try target.run(bytes) }
      }
    }
  }

  @Test func `every hostile text goes through every target`() async {
    for target in FuzzTarget.all {
      for text in HostileText.all {
        let what = "\(target.name): \(text.debugDescription.prefix(80))"
        await #expect(throws: Never.self, "\(what)") {
          try await apart { try target.run([0, 0] + Array(text.utf8)) }
        }
      }
    }
  }

  @Test(arguments: TestedPlatform.all.filter { $0.script != nil })
  func `every platform is fuzzed in every state that its script leads to`(
    platform: TestedPlatform
  ) {
    let fuzz = PlatformFuzz(platform.kind)
    #expect(fuzz.unread == [])
    #expect(fuzz.cursors.count >= 3)
  }
}
