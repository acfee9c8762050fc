import Foundation
import Logging
import Platforms

/// Where an access token comes from: the config's token file, or a password used once, whose token
/// is then kept in the state folder, mode 0600.
actor Credentials {
  private let network: any Network
  /// Nil keeps them in memory only.
  private let folder: URL?
  private let redactor: Redactor
  private var earned: [String: Credential] = [:]

  init(network: any Network, folder: URL?, redactor: Redactor = Redactor()) {
    self.network = network
    self.folder = folder
    self.redactor = redactor
  }

  func credential(for account: Account) async throws -> Credential {
    guard let request = account.platform.credentialRequest() else { return account.credential }
    if let known = earned[account.name] ?? stored(account.name) {
      redactor.add(known)
      earned[account.name] = known
      return known
    }
    let credential = try account.platform.credential(from: try await network.perform(request))
    redactor.add(credential)
    earned[account.name] = credential
    try store(credential, account.name)
    return credential
  }

  /// The token is not accepted any more: the next call earns another.
  func forget(_ account: String) {
    earned[account] = nil
    if let file = file(account) { try? FileManager.default.removeItem(at: file) }
  }

  private func file(_ account: String) -> URL? {
    folder?.appending(path: "credential.\(account)")
  }

  private func stored(_ account: String) -> Credential? {
    guard let file = file(account), let data = try? Data(contentsOf: file) else { return nil }
    return Credential(token: String(decoding: data, as: UTF8.self))
  }

  private func store(_ credential: Credential, _ account: String) throws {
    guard let file = file(account) else { return }
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw PollFailure.retry(
        afterSeconds: nil, "cannot keep the access token in \(file.path): check its permissions")
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: Data(credential.token.utf8))
    try handle.synchronize()
  }
}
