import Foundation
import Hostile
import Testing

/// Every input that the fuzzer found worth keeping, once through the same functions.
@Suite struct CorpusTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fuzz/Corpus").standardized

  @Test(arguments: FuzzTarget.allCases)
  func `what was found once is harmless for ever`(target: FuzzTarget) async throws {
    let place = Self.folder.appending(path: target.rawValue)
    let files = try FileManager.default.contentsOfDirectory(
      at: place, includingPropertiesForKeys: nil)
    #expect(files.count >= 5)
    for file in files.sorted(by: { $0.path < $1.path }) {
      let bytes = try [UInt8](Data(contentsOf: file))
      await #expect(throws: Never.self, "\(target.rawValue)/\(file.lastPathComponent)") {
        try await apart { try target.run(bytes) }
      }
    }
  }

  @Test func `every hostile text goes through every target`() async {
    for target in FuzzTarget.allCases {
      for text in HostileText.all {
        let what = "\(target.rawValue): \(text.debugDescription.prefix(80))"
        await #expect(throws: Never.self, "\(what)") {
          try await apart { try target.run([0, 0] + Array(text.utf8)) }
        }
      }
    }
  }
}
