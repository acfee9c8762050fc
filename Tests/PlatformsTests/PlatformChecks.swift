import Crew
import Foundation
import Platforms
import Testing

/// Promises that every platform keeps, written once.
struct PlatformChecks {
  let platform: any Platform
  /// A word that stands in the credential and in nothing that may be seen.
  let canary: String
  /// One cursor of each state, nil first.
  let cursors: [Cursor?]
  /// One answer for each cursor that the platform takes.
  let answers: [HTTPResponse]
  let credential: Credential

  static let unusable: [HTTPResponse] = [
    HTTPResponse(status: 200, body: Data()),
    HTTPResponse(status: 200, body: Data("<html><body>Log in to the hotel</body></html>".utf8)),
    HTTPResponse(status: 200, body: Data("{".utf8)),
    HTTPResponse(status: 200, body: Data("null".utf8)),
    HTTPResponse(status: 200, body: Data([0xFF, 0xFE, 0x00])),
    HTTPResponse(status: 200, body: Data(String(repeating: "[", count: 100_000).utf8)),
    HTTPResponse(status: 204),
    HTTPResponse(status: 302, headers: ["location": "http://127.0.0.1/"]),
    HTTPResponse(status: 500), HTTPResponse(status: 502, body: Data("<html>".utf8)),
    HTTPResponse(status: 502, body: Data(#"{"message":"bad gateway"}"#.utf8)),
    HTTPResponse(status: 503, headers: ["retry-after": "30"]), HTTPResponse(status: 504),
  ]

  func run() {
    refusesGarbage()
    readsAlike()
    keepsTheSecret()
    staysInTime()
  }

  /// An answer that says nothing leaves the cursor where it was, because `read` throws.
  private func refusesGarbage() {
    for cursor in cursors {
      for response in Self.unusable {
        #expect("cursor \(cursor ?? "nil"), status \(response.status)") {
          try platform.read(response, after: cursor)
        } throws: { error in
          if case .retry? = error as? PollFailure { true } else { false }
        }
      }
    }
    for response in Self.unusable {
      if case .sent = platform.delivery(of: response, progress: nil) {
        Issue.record("status \(response.status) counts as sent")
      }
    }
  }

  /// Reading is a function: the same answer gives the same intake.
  private func readsAlike() {
    for (cursor, answer) in zip(cursors, answers) {
      #expect(throws: Never.self) {
        let first = try platform.read(answer, after: cursor)
        let second = try platform.read(answer, after: cursor)
        #expect(first == second)
        #expect(Set(first.messages.map(\.id)).count == first.messages.count)
      }
    }
  }

  /// No token shows in a description, a cursor, a complaint, an error, or a refusal.
  private func keepsTheSecret() {
    for (cursor, answer) in zip(cursors, answers) {
      let request = platform.poll(after: cursor, with: credential)
      #expect(!"\(request)".contains(canary))
      guard let intake = try? platform.read(answer, after: cursor) else { continue }
      #expect(!intake.cursor.contains(canary))
      #expect(!intake.complaints.joined().contains(canary))
    }
    #expect(!"\(credential)".contains(canary))
    #expect(!"\(platform)".contains(canary))
    for status in [400, 401, 403, 404, 409, 413, 418, 429, 500, 502] {
      let echo =
        #"{"ok":false,"errcode":"M_\#(canary)","error":"\#(canary)","description":""#
        + #"\#(canary)","msg":"\#(canary)","code":"\#(canary)","error_code":\#(status)}"#
      let response = HTTPResponse(status: status, body: Data(echo.utf8))
      for cursor in cursors {
        do {
          let intake = try platform.read(response, after: cursor)
          #expect(!"\(intake)".contains(canary))
        } catch { #expect(!"\(error)".contains(canary), "status \(status)") }
      }
      #expect(!"\(platform.delivery(of: response, progress: nil))".contains(canary))
    }
  }

  /// Every call has an end, in time and in bytes.
  private func staysInTime() {
    for cursor in cursors {
      let request = platform.poll(after: cursor, with: credential)
      #expect(request.timeoutSeconds > 0 && request.timeoutSeconds <= 120)
      #expect(request.responseBytesMax <= 8 * 1024 * 1024)
    }
  }
}
