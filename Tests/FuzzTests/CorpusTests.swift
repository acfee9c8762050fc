import Foundation
import Hostile
import Testing

/// Every input that the fuzzer found worth keeping, once through the same functions.
@Suite struct CorpusTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fuzz/Corpus").standardized

  @Test(arguments: FuzzTarget.allCases)
  func `what was found once is harmless for ever`(target: FuzzTarget) throws {
    let place = Self.folder.appending(path: target.rawValue)
    let files = try FileManager.default.contentsOfDirectory(
      at: place, includingPropertiesForKeys: nil)
    #expect(files.count >= 5)
    for file in files.sorted(by: { $0.path < $1.path }) {
      let bytes = try [UInt8](Data(contentsOf: file))
      #expect(throws: Never.self, "\(target.rawValue)/\(file.lastPathComponent)") {
        try target.run(bytes)
      }
    }
  }

  @Test func `every hostile text goes through every target`() {
    for target in FuzzTarget.allCases {
      for text in HostileText.all {
        #expect(throws: Never.self, "\(target.rawValue): \(text.debugDescription.prefix(80))") {
          try target.run([0, 0] + Array(text.utf8))
        }
      }
    }
  }
}
