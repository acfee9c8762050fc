import Crew
import Foundation

/// A mail as RFC 5322 and MIME want it: the same words as text and as HTML, every line ended by
/// CR LF, everything in ASCII.
struct EmailMessage {
  var from: String
  var to: String
  var subject: String
  /// Seconds since 1970.
  var sentAt: Int64
  /// Without angle brackets; the same for every copy of one mail.
  var id: String
  var unsubscribe: String?
  var text: String
  var html: String

  var data: Data {
    // Base64 never holds an underscore, so this line can stand in no part.
    let boundary = "=_crewbell_" + id.prefix { $0 != "@" }
    var lines = [
      Self.header("Date", RFC5322Date.text(sentAt)),
      "From: Crewbell <\(Self.inOneLine(from))>", "To: <\(Self.inOneLine(to))>",
      "Subject: " + EncodedWords.text(Self.inOneLine(subject)),
      "Message-ID: <\(Self.inOneLine(id))>",
      // RFC 3834: no out-of-office note comes back.
      "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "MIME-Version: 1.0",
    ]
    if let unsubscribe { lines.append("List-Unsubscribe: <\(Self.inOneLine(unsubscribe))>") }
    lines += ["Content-Type: multipart/alternative; boundary=\"\(boundary)\"", ""]
    for (kind, words) in [("plain", text), ("html", html)] {
      lines += [
        "--\(boundary)", "Content-Type: text/\(kind); charset=utf-8",
        "Content-Transfer-Encoding: base64", "",
      ]
      if !words.isEmpty { lines.append(Self.base64(words)) }
    }
    lines += ["--\(boundary)--", ""]
    return Data(lines.joined(separator: "\r\n").utf8)
  }

  /// A line break in a header would begin another header.
  private static func header(_ name: String, _ value: String) -> String {
    "\(name): \(inOneLine(value))"
  }

  private static func inOneLine(_ text: String) -> String { Printable.line(text) }

  /// Lines of 76, the most that MIME allows (RFC 2045, 6.8).
  private static func base64(_ words: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.utf8.count * 2)
    for byte in Array(words.utf8) {
      if byte == UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\r")) }
      bytes.append(byte)
    }
    return Data(bytes).base64EncodedString(
      options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
  }
}

/// `=?utf-8?B?…?=` for what is not ASCII (RFC 2047).
enum EncodedWords {
  /// A line with encoded words has at most 76 letters, `Subject: ` and 12 of the word's own among
  /// them: 36 bytes become 48 letters.
  private static let bytesMax = 36

  static func text(_ words: String) -> String {
    let isPlain =
      words.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !words.contains("=?")
      && words.utf8.count < 900
    if isPlain { return words }
    var pieces: [String] = [""]
    for scalar in words.unicodeScalars {
      let letter = String(scalar)
      if (pieces.last ?? "").utf8.count + letter.utf8.count > bytesMax { pieces.append("") }
      pieces[pieces.count - 1] += letter
    }
    // The blank between two words belongs to neither, so no letter is cut in two.
    return pieces.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }
      .joined(separator: "\r\n ")
  }
}

/// `Mon, 23 Nov 2026 09:00:00 +0000` (RFC 5322, 3.3).
enum RFC5322Date {
  private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static func text(_ seconds: Int64) -> String {
    let number = Int((Double(seconds) / 86_400).rounded(.down))
    let day = Day(number: number)
    let rest = Int(seconds) - number * 86_400
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let clock = [rest / 3600, rest / 60 % 60, rest % 60].map(two).joined(separator: ":")
    return "\(days[day.weekday.rawValue - 1]), \(two(day.day)) \(months[day.month - 1]) "
      + "\(day.year) \(clock) +0000"
  }
}
