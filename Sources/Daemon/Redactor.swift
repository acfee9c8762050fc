import Platforms
import Synchronization

/// Knows every secret that was loaded and takes it out of any line. Nothing is meant to log one;
/// this is for the day when something does.
public final class Redactor: Sendable {
  /// Shorter ones would blank ordinary words.
  static let bytesMin = 4

  private let needles = Mutex<[[UInt8]]>([])

  public init() {}

  public func add(_ secret: Secret) { add(secret.reveal()) }

  /// For one that a platform gave out.
  public func add(_ credential: Credential) { add(credential.token) }

  private func add(_ secret: String) {
    let forms = [Array(secret.utf8), Self.escaped(secret)]
    needles.withLock { needles in
      for form in forms where form.count >= Self.bytesMin && !needles.contains(form) {
        needles.append(form)
      }
      // The longer first, so that one which begins with another leaves no tail.
      needles.sort { $0.count > $1.count }
    }
  }

  /// The text with `***` for every secret in it. Compares bytes: by letters, a secret followed by
  /// a combining accent would not be found.
  public func redact(_ text: String) -> String {
    let needles = needles.withLock { $0 }
    var bytes = Array(text.utf8)
    var isChanged = false
    for needle in needles {
      while let start = Self.find(needle, in: bytes) {
        bytes.replaceSubrange(start..<start + needle.count, with: "***".utf8)
        isChanged = true
      }
    }
    return isChanged ? String(decoding: bytes, as: UTF8.self) : text
  }

  private static func find(_ needle: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= needle.count else { return nil }
    return (0...bytes.count - needle.count).first { start in
      bytes[start] == needle[0] && bytes[start..<start + needle.count].elementsEqual(needle)
    }
  }

  /// As it stands in a URL: all but the unreserved characters of RFC 3986 percent-encoded.
  private static func escaped(_ secret: String) -> [UInt8] {
    secret.utf8.flatMap { byte -> [UInt8] in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: [byte]
      default: Array(((byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)).utf8)
      }
    }
  }
}
