import Platforms

extension Doctor {
  /// Whether whoever calls us can reach us: on this machine, and through the proxy where the config
  /// says how.
  public func examine(_ listener: ListenerSettings?, _ accounts: [Account]) async -> [Finding] {
    guard let listener else { return [] }
    let here = "http://127.0.0.1:\(listener.port)"
    var findings: [Finding] = []
    for account in accounts where account.slash != nil {
      let isHere = await answers(here + "/" + account.name)
      findings.append(
        isHere
          ? Finding(
            isWell: true,
            "\(account.name): slash commands are listened for at \(here)/"
              + account.name)
          : Finding(
            isWell: false,
            "\(account.name): nothing listens at \(here)/\(account.name): is the daemon running, "
              + "and does its unit allow the port (systemd/listener.conf)?"))
      guard let address = listener.address, isHere else { continue }
      let outside = address + "/" + account.name
      findings.append(
        await answers(outside)
          ? Finding(isWell: true, "\(account.name): \(outside) leads there")
          : Finding(
            isWell: false,
            "\(account.name): \(outside) does not lead there: check the proxy, its certificate "
              + "and the name (docs/platforms.md)"))
    }
    return findings
  }

  private func answers(_ address: String) async -> Bool {
    let request = HTTPRequest(.get, address, timeoutSeconds: 10, responseBytesMax: 4096)
    guard let response = try? await network.perform(request) else { return false }
    return response.status == 200
      && String(decoding: response.body, as: UTF8.self).hasPrefix(Ear.greeting)
  }
}
