/// Addresses of servers, as far as a config may name them.
enum WebAddress {
  /// Why a token must not be sent to this address; nil if it may.
  ///
  /// Only letters that have one meaning to every parser of URLs are let through, so that what is
  /// checked here is what libcurl connects to.
  static func faultOfServer(_ address: String) -> String? {
    guard let parts = Parts(address) else {
      return "`\(YAMLText.shown(address))` is no address: write `https://matrix.example.org`"
    }
    if parts.scheme == "https" { return nil }
    if parts.scheme == "http", parts.isLoopback { return nil }
    if parts.scheme == "http" {
      return "http:// would send the token in the clear: write `https://\(parts.host)`"
    }
    return "`\(parts.scheme)` is no scheme for this: write `https://\(parts.host)`"
  }

  static func faultOfProxy(_ address: String) -> String? {
    if address.contains("@") {
      return "a proxy's password cannot stand in this file: allow this machine at the proxy"
    }
    if let parts = Parts(address), ["http", "https", "socks5h"].contains(parts.scheme) {
      return nil
    }
    return "`\(YAMLText.shown(address))` is no proxy: write `http://proxy.example.org:3128`, "
      + "https:// or socks5h://"
  }

  private struct Parts {
    let scheme: String
    /// With the brackets of an IPv6 address, without the port.
    let host: String

    init?(_ address: String) {
      guard address.utf8.count <= 500, let colon = address.firstIndex(of: ":"),
        address[colon...].hasPrefix("://")
      else { return nil }
      scheme = String(address[..<colon])
      let rest = address[colon...].dropFirst(3)
      guard rest.utf8.allSatisfy(Self.isPlain) else { return nil }
      let authority = rest.prefix { $0 != "/" }
      let (host, port) = Self.split(authority)
      guard !host.isEmpty, Self.isPort(port) else { return nil }
      self.host = String(host)
    }

    var isLoopback: Bool {
      if host == "localhost" || host == "[::1]" { return true }
      let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
      return numbers.count == 4 && numbers[0] == "127"
        && numbers.allSatisfy { part in
          part.utf8.count <= 3 && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && (Int(part) ?? 256) < 256
        }
    }

    private static func split(_ authority: Substring) -> (Substring, Substring?) {
      if authority.first == "[", let end = authority.firstIndex(of: "]") {
        let after = authority[authority.index(after: end)...]
        return (
          authority[...end], after.isEmpty ? nil : after.first == ":" ? after.dropFirst() : ""
        )
      }
      guard let colon = authority.lastIndex(of: ":") else { return (authority, nil) }
      return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func isPort(_ port: Substring?) -> Bool {
      guard let port else { return true }
      return port.utf8.count <= 5 && (1...65535).contains(Int(port) ?? 0)
    }

    /// Letters, digits and `. : / [ ] - _ ~ %`: no user, no query, no backslash.
    private static func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x3A, 0x41...0x5B, 0x5D, 0x5F, 0x61...0x7A, 0x2D...0x2F, 0x7E, 0x25: true
      default: false
      }
    }
  }
}
