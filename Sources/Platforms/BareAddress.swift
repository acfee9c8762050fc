/// An address that somebody wrote into a text, `https://…`: escaping would break it.
enum BareAddress {
  /// What the text begins with, of letters that mark nothing in a chat's markup; `_` and `~` are
  /// among them only because `text` writes them otherwise.
  /// - Parameter also: more letters that may belong to it there.
  static func prefix(
    of rest: Substring.UnicodeScalarView, also: String = ""
  ) -> Substring.UnicodeScalarView? {
    guard ["https://", "http://"].contains(where: { rest.starts(with: $0.unicodeScalars) }) else {
      return nil
    }
    return rest.prefix { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
          || ":/?=%._~-".unicodeScalars.contains(scalar)
          || also.unicodeScalars.contains(scalar))
    }
  }

  /// The same where a byte of a text stands.
  static func prefix(
    of text: String, at place: Int, also: String = ""
  ) -> Substring.UnicodeScalarView? {
    let start = text.utf8.index(text.startIndex, offsetBy: place)
    return prefix(of: text.unicodeScalars[start...], also: also)
  }

  /// With `_` and `~` in percent form, which is the same (RFC 3986, 2.3) and marks nothing.
  static func text(_ address: Substring.UnicodeScalarView) -> String {
    Printable.replacing(String(address), "_~") { $0 == "_" ? "%5F" : "%7E" }
  }
}
