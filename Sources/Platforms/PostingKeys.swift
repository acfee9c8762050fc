// What the config says of every account that only posts.
extension PlatformKind.Key {
  /// Whose posts: a room of another account, or `*` for every team.
  static let postsFor = PlatformKind.Key(
    "posts_for", .list, example: "\"matrix:!desk:example.org\"", fault: faultOfRoom)

  /// Which posts.
  static let what = PlatformKind.Key(
    "what", .list, example: "digests", fault: faultOfWhat)

  static func optional(_ key: Self) -> Self {
    var key = key
    key.isNeeded = false
    return key
  }

  /// A server of the operator's own network may be meant.
  static let allowPrivate = PlatformKind.Key(
    "allow_private", .flag, isNeeded: false, example: "true")

  private static func faultOfRoom(_ text: String) -> String? {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    if text == "*" || parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty { return nil }
    return "`\(text)` is no room: write an account, a colon and the platform's id of the room, "
      + "such as \"matrix:!desk:example.org\", or \"*\" for every team"
  }

  private static func faultOfWhat(_ text: String) -> String? {
    ["digests", "reminders"].contains(text)
      ? nil : "`\(text)` is nothing that is posted: write digests, reminders or both"
  }
}

/// The URL of a webhook: a secret as a whole, since whoever knows it may post.
enum WebhookURL {
  /// What is wrong with it, without a byte of it; nil if nothing is.
  static func fault(_ text: String) -> String? {
    guard let url = parts(text) else {
      return "what stands in this file is no URL of a webhook: put in the whole https:// address "
        + "that its maker shows"
    }
    return url.isSecure || isLoopback(url.host)
      ? nil : "the URL in this file is not https://, so everybody on the way could read it"
  }

  /// `https://hooks.example.org`, of which nothing is secret.
  static func origin(_ text: String) -> String {
    parts(text).map { ($0.isSecure ? "https://" : "http://") + $0.host } ?? ""
  }

  /// Only letters that mean the same to every parser of URLs are let through.
  private static func parts(_ text: String) -> (isSecure: Bool, host: String)? {
    let isSecure = text.hasPrefix("https://")
    guard isSecure || text.hasPrefix("http://"), text.utf8.count <= 2000,
      text.utf8.allSatisfy(isPlain)
    else { return nil }
    let host = text.dropFirst(isSecure ? 8 : 7).prefix { !"/?".contains($0) }
    let isName = host.utf8.allSatisfy { $0 != 0x40 && $0 != 0x25 && $0 != 0x5F }
    return host.isEmpty || !isName ? nil : (isSecure, String(host))
  }

  private static func isLoopback(_ host: String) -> Bool {
    let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } : host.prefix { $0 != ":" }
    return ["localhost", "127.0.0.1", "[::1"].contains(name)
  }

  /// Letters, digits and the signs of a path and a query; no `#`, no backslash, no blank.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "-._~:/?[]@!$&'()*+,;=%".utf8.contains(byte)
    }
  }
}
