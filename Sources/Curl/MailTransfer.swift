import CCurl
import Foundation
import Platforms

/// How far a mail has come. It holds a C list, which its transfer frees.
struct MailProgress {
  var recipients: UnsafeMutablePointer<curl_slist>?
  /// How many bytes of the text libcurl has taken.
  private var taken = 0
  /// What the server said that settles the fate of the mail.
  private(set) var lastLine = Data()

  mutating func give(_ text: Data, into room: UnsafeMutableRawBufferPointer) -> Int {
    let piece = text.dropFirst(taken).prefix(room.count)
    room.copyBytes(from: piece)
    taken += piece.count
    return piece.count
  }

  /// A refusal is what is asked about, not the farewell after it.
  mutating func hear(_ line: UnsafeRawBufferPointer) {
    let isRefusal = line.first == UInt8(ascii: "4") || line.first == UInt8(ascii: "5")
    if lastLine.isEmpty || isRefusal { lastLine = Data(line.prefix(512)) }
  }
}

// What is special about a call that goes to an SMTP server.
extension Transfer {
  func prepare(_ letter: Mail, _ text: Data) throws(SettingRefused) {
    if let user = letter.user {
      try set(CURLOPT_USERNAME, text: user)
      try set(CURLOPT_PASSWORD, text: letter.password.token)
    }
    guard !letter.recipients.isEmpty else {
      try set(CURLOPT_CUSTOMREQUEST, text: "NOOP")
      return try set(CURLOPT_NOBODY, 1)
    }
    try set(CURLOPT_MAIL_FROM, text: "<\(letter.from)>")
    for recipient in letter.recipients {
      guard let longer = curl_slist_append(mail.recipients, "<\(recipient)>") else {
        throw SettingRefused(code: CURLE_OUT_OF_MEMORY)
      }
      mail.recipients = longer
    }
    try check(crewbell_set_list(easy, CURLOPT_MAIL_RCPT, mail.recipients))
    try set(CURLOPT_UPLOAD, 1)
    try check(
      crewbell_set_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(text.count)))
    try set(CURLOPT_READDATA, pointer: Unmanaged.passUnretained(self).toOpaque())
    try check(
      crewbell_set_reader(easy) { buffer, size, count, owner in
        guard let transfer = Transfer.owning(owner) else { return 0 }
        return transfer.mail.give(
          transfer.call.request.body ?? Data(),
          into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
      })
  }

  /// What an SMTP server has answered, so far as that settles the fate of the mail: libcurl ends
  /// the session at the first refusal, so a last code of 400 and more is the server's own no. Nil
  /// where the connection ended or the time ran out before a verdict.
  func reply(_ code: CURLcode, _ status: Int) -> HTTPResponse? {
    guard code == CURLE_OK || (400..<600).contains(status) && code != CURLE_OPERATION_TIMEDOUT
    else { return nil }
    // Before the envelope a refusal is about the account, after it about the mail.
    let stage = isRequestBegun ? "mail" : "session"
    return HTTPResponse(status: status, headers: ["smtp-stage": stage], body: mail.lastLine)
  }
}
