import Platforms
import Yams

/// Where platforms may call us: a port of 127.0.0.1, behind a proxy that has the certificate.
public struct ListenerSettings: Sendable, Equatable {
  /// 0 takes any that is free; a config cannot say so.
  public var port: Int
  /// What the proxy is reached by from outside, `https://bell.example.org`; for `doctor` alone.
  public var address: String?

  public init(port: Int, address: String? = nil) {
    self.port = port
    self.address = address
  }

  func summary(_ accounts: [Config.Account]) -> [String] {
    accounts.filter { $0.slash != nil }.map {
      "slash commands of \($0.name): at \(address ?? "http://127.0.0.1:\(port)")/\($0.name)"
    }
  }
}

extension Config.Account {
  var slash: (any SlashCommands)? { kind.slash?.make(settings) }
}

extension Config.Draft {
  mutating func readListener(_ top: Fields) {
    guard let field = top.fields["listener"] else {
      for account in config.accounts where account.slash != nil {
        reader.fault(
          account.position,
          "account \(account.name) has `\(account.kind.slash?.key ?? "")`, and nothing listens: "
            + "write `listener:` with a `port:` below it, or remove the key")
      }
      return
    }
    let fields = reader.fields(
      field.node, of: "`listener`", at: field.at, keys: ["port", "address"])
    let port = readPort(fields)
    var address: String?
    if let text = reader.text("address", in: fields) {
      if let wrong = WebAddress.faultOfServer(text.value) {
        reader.fault(text.position, wrong)
      } else {
        address = text.value.hasSuffix("/") ? String(text.value.dropLast()) : text.value
      }
    }
    // Where an account was wrong, it may be the one that is called.
    if reader.faults.isEmpty, !config.accounts.contains(where: { $0.slash != nil }) {
      let keys = PlatformKind.all.compactMap { kind in
        kind.slash.map { "`\($0.key)` (\(kind.name))" }
      }
      reader.fault(
        field.at,
        "nobody is listened to: give an account \(keys.joined(separator: " or ")), or remove "
          + "`listener`")
    }
    if let port { config.listener = ListenerSettings(port: port, address: address) }
  }

  private mutating func readPort(_ fields: Fields) -> Int? {
    guard let text = reader.needed("port", in: fields, write: "8471") else { return nil }
    if let port = Int(text.value), (1024...65_535).contains(port) { return port }
    reader.fault(text.position, "`port` is a number from 1024 to 65535: write `port: 8471`")
    return nil
  }
}
