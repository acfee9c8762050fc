/// An address that somebody wrote into a text, `https://…`: escaping would break it. Byte by byte,
/// because a string's own places are slow and any letter may begin one.
enum BareAddress {
  private static let schemes = ["https://", "http://"].map { Array($0.utf8) }
  private static let letters: Signs =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:/?=%._~-"

  /// What the text begins with, of letters that mark nothing in a chat's markup; `_` and `~` are
  /// among them only because `written` writes them otherwise.
  /// - Parameter also: more letters that may belong to it there.
  static func prefix(of rest: ArraySlice<UInt8>, also: Signs = "") -> ArraySlice<UInt8>? {
    guard schemes.contains(where: { rest.starts(with: $0) }) else { return nil }
    return rest.prefix { letters.contains($0) || also.contains($0) }
  }

  /// With `_` and `~` in percent form, which is the same (RFC 3986, 2.3) and marks nothing.
  static func written(_ address: ArraySlice<UInt8>) -> [UInt8] {
    let text = String(decoding: address, as: UTF8.self)
    return Array(Printable.replacing(text, "_~") { $0 == "_" ? "%5F" : "%7E" }.utf8)
  }
}
