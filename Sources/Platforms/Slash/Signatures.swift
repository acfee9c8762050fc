import Crew
import Crypto
import Foundation

/// Checks of who calls. All take as long for a wrong sign as for a right one.
enum Signature {
  /// A call older or younger than this is refused, so that one that somebody wrote down is soon
  /// worth nothing. Slack: "if the timestamp is more than five minutes from local time, it could
  /// be a replay attack" (authentication/verifying-requests-from-slack).
  static let windowSeconds: Int64 = 300

  /// The seconds that a header tells; nil for what is no such number, and for what is out of the
  /// window.
  static func time(_ text: String?, now: Instant) -> Instant? {
    guard let text, (1...12).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = Int64(text)
    else { return nil }
    let time = Instant(seconds: seconds)
    return abs(now.seconds(since: time)) <= windowSeconds ? time : nil
  }

  static func isHMAC(_ given: [UInt8], of bytes: Data, under secret: String) -> Bool {
    HMAC<SHA256>.isValidAuthenticationCode(
      given, authenticating: bytes, using: SymmetricKey(data: Data(secret.utf8)))
  }

  static func isEd25519(_ given: [UInt8], of bytes: Data, by key: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key) else { return false }
    return key.isValidSignature(given, for: bytes)
  }

  /// Whether two texts are equal. Their digests are compared, in constant time, so that neither
  /// letters nor length show in how long it takes.
  static func isEqual(_ one: String, _ other: String) -> Bool {
    SHA256.hash(data: Data(one.utf8)) == SHA256.hash(data: Data(other.utf8))
  }

  /// A short name for a long text that the platform never gives twice.
  static func name(of text: String) -> String {
    SHA256.hash(data: Data(text.utf8)).prefix(16).reduce(into: "") { name, byte in
      name += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }

  /// Nil unless every two characters are a byte.
  static func bytes(ofHex text: some StringProtocol) -> [UInt8]? {
    let digits = text.utf8.map { digit -> UInt8? in
      switch digit {
      case 0x30...0x39: digit - 0x30
      case 0x41...0x46: digit - 0x41 + 10
      case 0x61...0x66: digit - 0x61 + 10
      default: nil
      }
    }
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[place], let low = digits[place + 1] else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}
