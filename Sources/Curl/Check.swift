import Foundation
import Platforms

/// Refuses what must not reach libcurl, and gives the URL's host and port.
///
/// A line break inside a header value would let text from chat write headers of its own, and an
/// unknown scheme would let a config file read other files.
func check(_ request: HTTPRequest, allowedSchemes: Set<String>) throws(NetworkFailure) -> String {
  // A mail goes to an SMTP server and nothing else does, whatever is allowed besides.
  let allowedSchemes = request.mail == nil ? allowedSchemes : mailSchemes
  func refuse(_ reason: String) -> NetworkFailure {
    NetworkFailure(.badRequest, nothingSent: true, "\(reason) (\(request))")
  }
  guard request.timeoutSeconds.isFinite, request.timeoutSeconds > 0 else {
    throw refuse("the timeout is not a positive number")
  }
  guard request.responseBytesMax >= 0 else { throw refuse("the limit of bytes is negative") }
  for (name, value) in request.headers {
    guard isToken(name) else { throw refuse("a header's name holds a forbidden character") }
    guard !framing.contains(name.lowercased()) else {
      throw refuse("the header \(name.lowercased()) is libcurl's to set")
    }
    guard !value.utf8.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) else {
      throw refuse("the header \(name.lowercased()) holds a line break or a zero byte")
    }
  }
  guard !request.url.utf8.contains(where: { $0 <= 32 || $0 == 127 }) else {
    throw refuse("the URL holds a space or a control character")
  }
  // Byte by byte, as libcurl reads it.
  let url = request.url.utf8
  guard let colon = url.firstIndex(of: UInt8(ascii: ":")), url[colon...].starts(with: "://".utf8),
    allowedSchemes.contains(request.url[..<colon].lowercased())
  else { throw refuse("the URL's scheme is not allowed") }
  if let mail = request.mail {
    guard isEnvelope(mail) else {
      throw refuse("an address of the mail holds a forbidden character")
    }
  }
  let host = url[url.index(colon, offsetBy: 3)...].prefix { !"/?#".utf8.contains($0) }
  guard !host.isEmpty else { throw refuse("the URL names no host") }
  guard !host.contains(UInt8(ascii: "@")) else { throw refuse("the URL holds a user name") }
  return Substring(host).lowercased()
}

let mailSchemes: Set<String> = ["smtp", "smtps"]

/// An address in angle brackets must not end before its end, and a line break would begin another
/// command of the SMTP session.
private func isEnvelope(_ mail: Mail) -> Bool {
  (mail.recipients + [mail.from]).allSatisfy { address in
    !address.isEmpty && address.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 60 && $0 != 62 }
  }
}

/// A message has one length and one receiver, and libcurl writes both.
private let framing: Set<String> = [
  "connection", "content-length", "expect", "host", "transfer-encoding",
]

/// The characters of a header's name, RFC 9110 section 5.6.2.
private func isToken(_ name: String) -> Bool {
  !name.isEmpty
    && name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
    }
}
