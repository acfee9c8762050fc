import Crew
import Foundation
import Platforms

/// Answers of a platform, written by hand, that lead its cursor through its states: from there the
/// fuzzer goes on.
public struct PlatformScript: Sendable {
  var settings: AccountSettings
  /// Answers to polls, each row from the first contact on. One of a status other than 200 begins
  /// with it: `400 {…}`.
  var polls: [[String]] = []
  /// Answers to a post that takes several steps, and to the looking for one.
  var sends: [String] = []
  var looks: [String] = []

  /// The `Date` of every answer: 1 766 000 000.
  static let date = "Wed, 17 Dec 2025 19:33:20 GMT"

  init(settings: AccountSettings) { self.settings = settings }

  static func response(_ answer: String) -> HTTPResponse {
    let status = Int(answer.prefix(3))
    let body = status == nil ? answer[...] : answer.dropFirst(4)
    return HTTPResponse(status: status ?? 200, headers: ["date": date], body: Data(body.utf8))
  }
}
