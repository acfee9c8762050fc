import Crypto
import Foundation

/// Locks short-lived secrets, so that the ledger and every copy of it hold only what is of no use
/// without the key, which is kept elsewhere.
public struct Seal: Sendable, CustomStringConvertible, CustomReflectable {
  public static let keyBytes = 32

  private let key: SymmetricKey
  private let nonces: SymmetricKey

  /// - Parameter key: `keyBytes` random bytes; nil for any other number.
  public init?(key: Data) {
    guard key.count == Self.keyBytes else { return nil }
    let root = SymmetricKey(data: key)
    func derived(_ purpose: String) -> SymmetricKey {
      HKDF<SHA256>.deriveKey(
        inputKeyMaterial: root, info: Data(purpose.utf8), outputByteCount: Self.keyBytes)
    }
    self.key = derived("ephemeral key")
    nonces = derived("ephemeral nonce")
  }

  /// - Parameter account: it opens for this account alone.
  public func close(_ secret: Credential, for account: String) -> String {
    let text = Data(secret.token.utf8)
    // Made of what is sealed, so that no two texts ever share one and no chance is needed.
    let salt = HMAC<SHA256>.authenticationCode(
      for: Data(account.utf8) + [0] + text, using: nonces)
    guard let nonce = try? AES.GCM.Nonce(data: Data(salt).prefix(12)),
      let box = try? AES.GCM.seal(
        text, using: key, nonce: nonce, authenticating: Data(account.utf8)),
      let bytes = box.combined
    else { return "" }
    return bytes.base64EncodedString()
  }

  /// Nil for what was sealed with another key or for another account, and for what is damaged.
  public func open(_ sealed: String, for account: String) -> Credential? {
    guard let bytes = Data(base64Encoded: sealed),
      let box = try? AES.GCM.SealedBox(combined: bytes),
      let text = try? AES.GCM.open(box, using: key, authenticating: Data(account.utf8))
    else { return nil }
    return Credential(token: String(decoding: text, as: UTF8.self))
  }

  public var description: String { "***" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
