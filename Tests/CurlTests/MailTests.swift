import Crew
import Curl
import Foundation
import Outside
import Platforms
import Testing

/// Our mails against a real SMTP server with TLS, read by Python's `email` package.
@Suite struct MailTests {
  private static let digest = Markup.lines([
    Markup("服务台 — 第 48 周（11月23日 – 11月29日）· 3 人，0 人不在"),
    Markup([.strong(Markup("需要你"))]),
    Markup([.text(" 1 #2 “<b>退款</b> & co” 没有人负责 → "), .command("转 2 @…")]),
    Markup([.table("目标  现在\n g1   62%")]),
    Markup("."), Markup("..dots"), Markup("From here"),
  ])

  private func curl() throws -> Curl {
    try Curl(Curl.Configuration(caFile: try Certificates.shared.get().path("ca.pem")))
  }

  private func email(_ server: String, user: String? = "bell", password: String = "open sesame")
    -> Email
  {
    Email(
      .init(
        account: "mail", server: server, from: "crewbell@example.org", user: user,
        password: Credential(token: password), unsubscribe: "mailto:ops@example.org"))
  }

  private func send(
    _ text: Markup = digest, to address: String = "ana@example.org", by email: Email,
    key: String = "ci1.7"
  ) async throws(NetworkFailure) -> Delivery {
    let credential =
      email.ownCredential(now: Instant(seconds: 1_795_424_400)) ?? Credential(token: "")
    let request = email.request(
      for: Post(text: text), to: .direct(Identity(account: "mail", user: address)), key: key,
      progress: nil, with: credential)
    let curl: Curl
    do { curl = try self.curl() } catch {
      throw NetworkFailure(.badRequest, nothingSent: true, "\(error)")
    }
    return email.delivery(of: try await curl.perform(request), progress: nil)
  }

  @Test(arguments: ["smtp", "smtps"])
  func `a Chinese digest arrives whole, in text and HTML, over TLS`(scheme: String) async throws {
    let server = try MailServer("good", scheme == "smtps" ? "tls" : "starttls")
    defer { server.stop() }
    let delivery = try await send(by: email("\(scheme)://127.0.0.1:\(server.port)"))
    #expect(delivery == .sent(id: ""))
    try await wait(for: "the mail") { !server.mails.isEmpty }
    let mail = try #require(server.mails.first)
    #expect(mail["secure"].bool == true && mail["user"].string == "bell")
    #expect(mail["sender"].string == "crewbell@example.org")
    #expect(mail["recipients"] == ["ana@example.org"])
    #expect(mail["ehlo"].string == "example.org")
    #expect(mail["defects"] == [] && mail["bare"].integer == 0)
    #expect((mail["longest"].integer ?? 999) <= 76)
    let headers = mail["headers"]
    #expect(headers["Subject"].string == "服务台 — 第 48 周（11月23日 – 11月29日）· 3 人，0 人不在")
    #expect(headers["Date"].string == "Mon, 23 Nov 2026 09:00:00 +0000")
    #expect(headers["Message-ID"].string == "<ci1.7@example.org>")
    #expect(headers["Auto-Submitted"].string == "auto-generated")
    #expect(headers["List-Unsubscribe"].string == "<mailto:ops@example.org>")
    #expect(headers["From"].string == "Crewbell <crewbell@example.org>")
    let plain = mail["parts"]["text/plain"].string?.replacingOccurrences(of: "\r\n", with: "\n")
    #expect(plain?.trimmingCharacters(in: .newlines) == Self.digest.plain(prefix: ""))
    let html = try #require(mail["parts"]["text/html"].string)
    #expect(html.contains("&#60;b&#62;退款&#60;/b&#62; &#38; co"))
    #expect(html.contains("<strong>需要你</strong>") && html.contains("<code>转 2 @…</code>"))
    #expect(html.contains("<pre>目标  现在"))
  }

  @Test func `the same key gives the same id, however often it is sent`() async throws {
    let server = try MailServer()
    defer { server.stop() }
    let email = email("smtp://127.0.0.1:\(server.port)")
    for _ in 1...2 { #expect(try await send(by: email) == .sent(id: "")) }
    try await wait(for: "both") { server.mails.count == 2 }
    #expect(Set(server.mails.map { $0["headers"]["Message-ID"].string }).count == 1)
    #expect(server.mails[0]["parts"] == server.mails[1]["parts"])
  }

  @Test func `nobody gets a login over a line in the clear`() async throws {
    let server = try MailServer("good", "clear")
    defer { server.stop() }
    await #expect {
      _ = try await send(by: email("smtp://127.0.0.1:\(server.port)"))
    } throws: { error in
      (error as? NetworkFailure)?.kind == .tls && (error as? NetworkFailure)?.nothingSent == true
    }
    #expect(server.mails.isEmpty)
  }

  @Test(arguments: ["expired", "selfsigned", "wronghost", "stranger"])
  func `a server with a bad certificate gets nothing`(certificate: String) async throws {
    let server = try MailServer(certificate)
    defer { server.stop() }
    await #expect {
      _ = try await send(by: email("smtp://127.0.0.1:\(server.port)"))
    } throws: { error in
      let failure = error as? NetworkFailure
      return failure?.kind == .tls && failure?.nothingSent == true
    }
    #expect(server.mails.isEmpty)
  }

  @Test func `a wrong password holds the mail and says so without it`() async throws {
    let server = try MailServer()
    defer { server.stop() }
    let delivery = try await send(
      by: email("smtp://127.0.0.1:\(server.port)", password: "hush hush"))
    guard case .held(let why, 900) = delivery else {
      Issue.record("\(delivery)")
      return
    }
    #expect(why.contains("`password_file`") && !why.contains("hush"))
    #expect(server.mails.isEmpty)
  }

  @Test(arguments: [
    ("refuse=550", false), ("refuse=450", true), ("final=554", false), ("final=452", true),
  ])
  func `what the server says of the mail is what becomes of it`(
    option: String, isLater: Bool
  ) async throws {
    let server = try MailServer("good", option)
    defer { server.stop() }
    let delivery = try await send(by: email("smtp://127.0.0.1:\(server.port)"))
    switch delivery {
    case .retry(nil): #expect(isLater)
    case .refused(let why): #expect(!isLater && why.contains(String(option.suffix(3))))
    default: Issue.record("\(delivery)")
    }
  }

  @Test func `a connection that ends after the last dot leaves the fate open`() async throws {
    let server = try MailServer("good", "drop")
    defer { server.stop() }
    await #expect {
      _ = try await send(by: email("smtp://127.0.0.1:\(server.port)"))
    } throws: { error in
      (error as? NetworkFailure)?.nothingSent == false
    }
  }

  @Test func `hostile words stay words: no header, no command, no markup`() async throws {
    let server = try MailServer()
    defer { server.stop() }
    let evil =
      "hi\r\nBcc: eve@example.com\r\n\r\n.\r\nRCPT TO:<eve@example.com>\u{0}<img src=x>&amp;"
      + "<\u{301}script>=?utf-8?B?aGk=?="
    #expect(
      try await send(Markup(evil), by: email("smtp://127.0.0.1:\(server.port)")) == .sent(id: ""))
    try await wait(for: "the mail") { !server.mails.isEmpty }
    let mail = try #require(server.mails.first)
    #expect(mail["recipients"] == ["ana@example.org"])
    #expect(mail["headers"]["Bcc"] == .null && mail["headers"]["Subject"].string == "hi")
    #expect(mail["parts"]["text/plain"].string?.contains("RCPT TO:<eve@example.com><img") == true)
    let html = try #require(mail["parts"]["text/html"].string)
    #expect(!html.contains("<img") && !html.contains("<\u{301}") && html.contains("&#38;amp;"))
  }

  @Test(arguments: [
    "a@b.de>\r\nRCPT TO:<x@b.de", "a@b.de\nx", "a@b.de\u{0}", "<a@b.de>", "a b@c.de", "",
  ])
  func `an address that could be a command reaches nobody`(address: String) async throws {
    let server = try MailServer()
    defer { server.stop() }
    await #expect {
      _ = try await send(to: address, by: email("smtp://127.0.0.1:\(server.port)"))
    } throws: { error in
      (error as? NetworkFailure)?.kind == .badRequest
    }
    #expect(server.mails.isEmpty)
  }

  @Test func `asked whether it works, the server gets a login and no mail`() async throws {
    let server = try MailServer()
    defer { server.stop() }
    let good = email("smtp://127.0.0.1:\(server.port)")
    let request = good.poll(after: nil, with: Credential(token: "0"))
    #expect(throws: Never.self) {
      try good.read(HTTPResponse(status: 250), after: nil)
    }
    let answer = try await curl().perform(request)
    #expect(answer.status == 250)
    let bad = email("smtp://127.0.0.1:\(server.port)", password: "hush hush")
    let refused = try await curl().perform(bad.poll(after: nil, with: Credential(token: "0")))
    #expect(throws: PollFailure.self) { try bad.read(refused, after: nil) }
    #expect(server.mails.isEmpty)
  }

  @Test func `a mail goes to an SMTP server and nothing else does`() async throws {
    var web = HTTPRequest(.post, "https://127.0.0.1:1/", timeoutSeconds: 5)
    web.mail = Mail(from: "a@b.de", recipients: ["c@d.de"])
    let smtp = HTTPRequest(.get, "smtp://127.0.0.1:1/", timeoutSeconds: 5)
    for request in [web, smtp] {
      await #expect {
        _ = try await curl().perform(request)
      } throws: { error in
        (error as? NetworkFailure)?.kind == .badRequest
      }
    }
  }
}

@Suite struct PublicOnlyTests {
  @Test(arguments: [
    "http://127.0.0.1:%/", "http://localhost:%/", "http://2130706433:%/", "http://0x7f.1:%/",
    "http://[::ffff:127.0.0.1]:%/", "http://0.0.0.0:%/", "http://127.1:%/",
    "http://017700000001:%/",
  ]) func `a call that may only go out does not reach this machine`(form: String) async throws {
    let server = try TestServer { peer in _ = peer }
    defer { server.stop() }
    var request = HTTPRequest(
      .post, form.replacingOccurrences(of: "%", with: "\(server.port)"), timeoutSeconds: 5)
    request.isPublicOnly = true
    let curl = try Curl()
    await #expect {
      _ = try await curl.perform(request)
    } throws: { error in
      (error as? NetworkFailure)?.nothingSent == true
    }
    #expect(server.connections == 0)
  }
}
