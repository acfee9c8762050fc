import Crew
import Crypto
import CryptoExtras
import Foundation

extension GoogleChat {
  /// The key of a service account, as Google's console gives it out in a JSON file.
  struct ServiceAccount: Sendable, CustomStringConvertible, CustomReflectable {
    let email: String
    let keyID: String
    /// Where tokens are earned.
    let tokenURL: String
    private let key: _RSA.Signing.PrivateKey

    /// Nil for what is no such file.
    init?(_ text: String) {
      let file = JSON(text: text) ?? .null
      guard file["type"] == "service_account", let email = file["client_email"].string,
        let keyID = file["private_key_id"].string, let tokenURL = file["token_uri"].string,
        Self.isSafe(tokenURL), let pem = file["private_key"].string,
        let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem)
      else { return nil }
      (self.email, self.keyID, self.tokenURL, self.key) = (email, keyID, tokenURL, key)
    }

    /// What is signed goes nowhere in the clear; a test's own server stands on this machine.
    private static func isSafe(_ url: String) -> Bool {
      url.utf8.allSatisfy { (0x21..<0x7F).contains($0) && $0 != 0x40 }
        && (url.hasPrefix("https://") || url.hasPrefix("http://127.0.0.1:"))
    }

    var description: String { "***" }
    var customMirror: Mirror { Mirror(self, children: [:]) }

    /// A JWT that says who asks for what (RFC 7523), signed by RSASSA-PKCS1-v1_5 with SHA-256, in
    /// short RS256 (RFC 7518, 3.3).
    func assertion(scopes: [String], now: Instant) -> String {
      let head: JSON = ["alg": "RS256", "typ": "JWT", "kid": .string(keyID)]
      let claims: JSON = [
        "iss": .string(email), "scope": .string(scopes.joined(separator: " ")),
        "aud": .string(tokenURL), "iat": .integer(now.seconds),
        "exp": .integer(now.seconds + 3600),
      ]
      let signed = Self.base64URL(head.data) + "." + Self.base64URL(claims.data)
      // A key that was read can sign; without a signature Google answers that it is invalid.
      let signature = try? key.signature(for: Data(signed.utf8), padding: .insecurePKCS1v1_5)
      return signed + "." + Self.base64URL(signature?.rawRepresentation ?? Data())
    }

    private static func base64URL(_ data: Data) -> String {
      data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        .replacing("=", with: "")
    }
  }

  /// To write as the app, and to read from the subscription.
  static let scopes = [
    "https://www.googleapis.com/auth/chat.bot", "https://www.googleapis.com/auth/pubsub",
  ]

  public func credentialRequest(now: Instant) -> HTTPRequest? {
    guard let serviceAccount else { return nil }
    let assertion = serviceAccount.assertion(scopes: Self.scopes, now: now)
    let body =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + assertion
    return HTTPRequest(
      .post, serviceAccount.tokenURL,
      headers: ["Content-Type": "application/x-www-form-urlencoded"], body: Data(body.utf8))
  }

  public func credential(from response: HTTPResponse, now: Instant) throws(PollFailure)
    -> Credential
  {
    let answer = JSON(response.body) ?? .null
    let what = "\(settings.account): no token, status \(response.status)"
    switch response.status {
    case 200:
      guard let token = answer["access_token"].string, Self.isToken(token),
        let seconds = answer["expires_in"].integer, (1...86_400).contains(seconds)
      else { throw .retry(afterSeconds: nil, what + ": the answer is not one of Google") }
      return Credential(token: token, expiresAt: now.adding(seconds: seconds))
    case 400, 401, 403:
      guard let word = answer["error"].string, Self.isWord(word) else {
        throw .retry(afterSeconds: nil, what)
      }
      throw .refused(
        what + " (\(word)): the key in `key_file` is not accepted. Set this machine's clock "
          + "(timedatectl set-ntp true); if it is right, make a new key for the service account.")
    default: throw .retry(afterSeconds: response.retryAfterSeconds, what)
    }
  }

  private static func isToken(_ text: String) -> Bool {
    (1...4096).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
  }

  /// A word of Google's own for an error, and not a sentence, which could hold anything.
  static func isWord(_ text: String) -> Bool {
    [
      "invalid_grant", "invalid_client", "invalid_request", "invalid_scope", "unauthorized_client",
      "unsupported_grant_type", "access_denied", "admin_policy_enforced", "disabled_client",
      "INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE", "UNAUTHENTICATED",
      "PERMISSION_DENIED", "NOT_FOUND", "ABORTED", "ALREADY_EXISTS", "RESOURCE_EXHAUSTED",
      "CANCELLED", "DATA_LOSS", "UNKNOWN", "INTERNAL", "UNIMPLEMENTED", "UNAVAILABLE",
      "DEADLINE_EXCEEDED",
    ].contains(text)
  }
}
