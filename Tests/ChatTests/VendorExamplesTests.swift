import Foundation
import Hostile
import Platforms
import Testing

/// What each vendor's own examples hold.
@Suite struct VendorExamplesTests {
  /// As an answer to whatever can be asked, wherever the platform may stand.
  @Test(
    .enabled(if: VendorData.folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"),
    arguments: TestedPlatform.all.filter { $0.script != nil })
  func `every example is taken as an answer without harm`(platform: TestedPlatform) throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: try #require(VendorData.folder).appending(path: "payloads/\(platform)"),
      includingPropertiesForKeys: nil)
    #expect(files.count >= 3)
    let fuzz = PlatformFuzz(platform.kind)
    for file in files where file.pathExtension == "json" {
      let json = try #require(JSON(try Data(contentsOf: file)), "\(file.lastPathComponent)")
      for answer in [json, .array([json])] {
        for status in [200, 400, 401, 403, 404, 409, 429, 500] {
          let response = HTTPResponse(status: status, body: answer.data)
          #expect(throws: Never.self, "\(file.lastPathComponent) with \(status)") {
            try fuzz.take(response)
          }
        }
      }
    }
  }
}
