import Crew
import Foundation
import Testing

@testable import Platforms

@Suite struct EmailTests {
  @Test(
    arguments: [
      (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (1_795_424_400, "Mon, 23 Nov 2026 09:00:00 +0000"),
      (951_782_399, "Mon, 28 Feb 2000 23:59:59 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
    ] as [(Int64, String)]) func `a date as mail wants it`(seconds: Int64, text: String)
  {
    #expect(RFC5322Date.text(seconds) == text)
  }

  @Test func `a subject is in ASCII, in words of 75 at most, and no letter is cut in two`() {
    let long = String(repeating: "摘要👩‍👩‍👧é", count: 40)
    let words = EncodedWords.text(long).components(separatedBy: "\r\n ")
    #expect(words.allSatisfy { $0.utf8.count <= 75 && $0.hasPrefix("=?utf-8?B?") })
    let decoded = words.map { word -> String? in
      Data(base64Encoded: String(word.dropFirst(10).dropLast(2)))
        .flatMap { String(validating: $0, as: UTF8.self) }
    }
    #expect(decoded.allSatisfy { $0 != nil })
    #expect(decoded.compactMap { $0 }.joined() == long)
    #expect(EncodedWords.text("plain words") == "plain words")
    #expect(EncodedWords.text("=?utf-8?B?aGk=?=") != "=?utf-8?B?aGk=?=")
  }

  @Test func `no header holds a line break of somebody's`() {
    let message = EmailMessage(
      from: "a@b.de\r\nBcc: x@y.de", to: "c@d.de\nBcc: x@y.de", subject: "s\r\nBcc: x@y.de",
      sentAt: 0, id: "k@b.de\r\nBcc: x@y.de", unsubscribe: "mailto:a@b.de\r\nBcc: x@y.de",
      text: "x", html: "x")
    let head = String(decoding: message.data, as: UTF8.self).components(separatedBy: "\r\n\r\n")[0]
    #expect(!head.contains("\r\nBcc:") && !head.contains("\nBcc:"))
    let lines = head.unicodeScalars.split(separator: "\n")
    #expect(lines.count == 10 && lines.dropLast().allSatisfy { $0.last == "\r" })
  }

  private let email = Email(
    .init(
      account: "mail", server: "smtp://mail.example.org:587", from: "bell@example.org",
      user: "bell", password: Credential(token: "canary")))

  private func fate(_ status: Int, stage: String = "mail", _ said: String = "canary no\r\n")
    -> Delivery
  {
    email.delivery(
      of: HTTPResponse(status: status, headers: ["smtp-stage": stage], body: Data(said.utf8)),
      progress: nil)
  }

  @Test func `a reply code is a verdict on the mail, or on the account before it`() {
    #expect(fate(250) == .sent(id: ""))
    for status in [421, 450, 451, 452] {
      #expect(fate(status) == .retry(afterSeconds: nil))
      #expect(fate(status, stage: "session") == .retry(afterSeconds: nil))
    }
    for status in [550, 552, 554] {
      guard case .refused(let why) = fate(status) else {
        Issue.record("\(status)")
        continue
      }
      #expect(why == "the mail server refused it: *** no")
    }
    for status in [530, 535, 554] {
      guard case .held(let why, 900) = fate(status, stage: "session") else {
        Issue.record("\(status)")
        continue
      }
      #expect(!why.contains("canary"))
    }
    for status in [0, 200 - 1, 354, 600] { #expect(fate(status) == .unknown) }
  }

  @Test func `a request names no secret, and its id is the key`() throws {
    let request = email.request(
      for: Post(text: "x"), to: .room(Room(account: "mail", id: "desk@example.org")),
      key: "ci1.9", progress: nil, with: Credential(token: "0"))
    #expect(!"\(request) \(email.settings.password)".contains("canary"))
    #expect(request.mail?.recipients == ["desk@example.org"])
    let text = String(decoding: try #require(request.body), as: UTF8.self)
    #expect(text.contains("\r\nMessage-ID: <ci1.9@example.org>\r\n"))
    #expect(!text.contains("canary"))
    #expect(request.url == "smtp://mail.example.org:587/example.org")
  }
}
