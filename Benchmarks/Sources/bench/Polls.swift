import BareCurl
import Curl
import Foundation
import Platforms

/// What 10,000 long polls cost while nothing happens: in a process of its own each, ours and bare
/// libcurl's.
enum Polls {
  static let count = 10_000
  static let settleSeconds = 10

  static func measureBare(url: String) {
    print(bare_curl_idle(url, Int32(count), Int32(settleSeconds)))
  }

  static func measure(url: String) async throws {
    let curl = try Curl()
    let before = bare_private_dirty_kib()
    let after = try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<count {
        group.addTask {
          _ = try? await curl.perform(HTTPRequest(.get, url, timeoutSeconds: 600))
        }
      }
      try await Task.sleep(for: .seconds(settleSeconds + 10))
      let after = bare_private_dirty_kib()
      group.cancelAll()
      return after
    }
    print(after - before)
    await curl.shutdown()
  }
}
