import Crew
import Foundation
import Ledger
import Logging
import Platforms
import Synchronization

/// Where an access token comes from: the config's token file; a password used once, whose token is
/// then kept in the state folder, mode 0600; or a key that earns one after another, each for an
/// hour or two, which is kept in memory.
actor Credentials {
  /// A token is renewed this long before it runs out, so that no call meets its end.
  static let renewalSeconds: Int64 = 300

  private let network: any Network
  private let clock: any Clock
  /// Nil keeps them in memory only.
  private let folder: URL?
  private let redactor: Redactor
  private let points: CrashPoints
  /// Read without a turn of this actor, which most calls do not need.
  private let earned = Mutex<[String: Credential]>([:])
  /// Those who wait for somebody else's login, by account; present while one is under way.
  private var waiting: [String: [CheckedContinuation<Credential, any Error>]] = [:]

  init(
    network: any Network, clock: any Clock, folder: URL?, redactor: Redactor = Redactor(),
    points: CrashPoints = CrashPoints()
  ) {
    self.network = network
    self.clock = clock
    self.folder = folder
    self.redactor = redactor
    self.points = points
  }

  nonisolated func credential(for account: Account) async throws -> Credential {
    let now = clock.now()
    if let own = account.platform.ownCredential(now: now) { return own }
    // Before the request for another: one may have to be signed.
    if let known = known(account.name, at: now) { return known }
    guard let request = account.platform.credentialRequest(now: now) else {
      return account.credential
    }
    return try await obtain(for: account, by: request, now)
  }

  private nonisolated func known(_ account: String, at now: Instant) -> Credential? {
    guard let known = earned.withLock({ $0[account] }), lives(known, at: now) else { return nil }
    return known
  }

  private func obtain(
    for account: Account, by request: HTTPRequest, _ now: Instant
  ) async throws -> Credential {
    // Earned while this call waited for its turn.
    if let known = known(account.name, at: now) { return known }
    if let known = stored(account.name), lives(known, at: now) {
      redactor.add(known)
      earned.withLock { $0[account.name] = known }
      return known
    }
    let credential = try await earn(for: account, by: request, now)
    redactor.add(credential)
    points.pass(.afterLogin)
    earned.withLock { $0[account.name] = credential }
    if credential.expiresAt == nil { try store(credential, account.name) }
    return credential
  }

  /// Two logins at once could end each other's token.
  private func earn(
    for account: Account, by request: HTTPRequest, _ now: Instant
  ) async throws -> Credential {
    if waiting[account.name] != nil {
      return try await withCheckedThrowingContinuation { waiting[account.name]?.append($0) }
    }
    waiting[account.name] = []
    let result: Result<Credential, any Error>
    do {
      let response = try await network.perform(request)
      result = .success(try account.platform.credential(from: response, now: now))
    } catch { result = .failure(error) }
    for waiter in waiting.removeValue(forKey: account.name) ?? [] { waiter.resume(with: result) }
    return try result.get()
  }

  private nonisolated func lives(_ credential: Credential, at now: Instant) -> Bool {
    guard let end = credential.expiresAt else { return true }
    return end.seconds(since: now) > Self.renewalSeconds
  }

  /// The token is not accepted any more: the next call earns another.
  func forget(_ account: String) {
    _ = earned.withLock { $0.removeValue(forKey: account) }
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
    // Under another name until it is whole: an empty token would be shown to the platform, and be
    // refused like a wrong one.
    let part = file.path + ".part"
    let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Self.unkept(file)
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: Data(credential.token.utf8))
    try handle.synchronize()
    points.pass(.midToken)
    guard rename(part, file.path) == 0 else { throw Self.unkept(file) }
  }

  private static func unkept(_ file: URL) -> PollFailure {
    .retry(
      afterSeconds: nil, "cannot keep the access token in \(file.path): check its permissions")
  }
}
