import Crew
import CryptoExtras
import Foundation
import Platforms

/// What the endpoint for tokens answers instead of one.
struct GoogleTokenRefusal: Error {
  var word: String
  init(_ word: String) { self.word = word }
}

/// A service account of nobody: its key is made anew in each run, so none stands in the tree.
public enum GoogleKey {
  /// Never nil: the size is one that can be made.
  private static let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048)

  /// The JSON file that Google's console gives out.
  public static func file(tokenURL: String = standardURL) -> String {
    let file: JSON = [
      "type": "service_account", "project_id": "acme-chat", "private_key_id": "canary-key-1",
      "private_key": .string(key?.pkcs8PEMRepresentation ?? ""),
      "client_email": .string(GoogleChatFake.email), "client_id": "1234567890",
      "auth_uri": "https://accounts.google.com/o/oauth2/auth", "token_uri": .string(tokenURL),
      "universe_domain": "googleapis.com",
    ]
    // As it is given out: in many lines.
    return file.text.replacingOccurrences(of: ",\"", with: ",\n  \"")
  }

  public static var standardURL: String { "https://oauth2.googleapis.com/token" }

  /// For another's look at a signature.
  public static var publicKey: String { key?.publicKey.pemRepresentation ?? "" }

  /// What Google checks of an assertion (identity/protocols/oauth2/service-account).
  static func check(_ assertion: String, email: String, now: Instant) throws {
    let parts = assertion.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let head = part(parts[0]), let claims = part(parts[1]),
      let signature = bytes(parts[2]), head["alg"] == "RS256", let key
    else { throw GoogleTokenRefusal("invalid_request") }
    let isSigned = key.publicKey.isValidSignature(
      .init(rawRepresentation: signature), for: Data("\(parts[0]).\(parts[1])".utf8),
      padding: .insecurePKCS1v1_5)
    guard isSigned, claims["iss"].string == email,
      claims["aud"].string?.hasSuffix("/token") == true
    else { throw GoogleTokenRefusal("invalid_grant") }
    guard let issued = claims["iat"].integer, let end = claims["exp"].integer,
      end - issued <= 3600, abs(issued - now.seconds) <= 300, now.seconds < end
    else { throw GoogleTokenRefusal("invalid_grant") }
    let scopes = Set((claims["scope"].string ?? "").split(separator: " ").map(String.init))
    guard !scopes.isEmpty, scopes.allSatisfy({ $0.hasPrefix("https://www.googleapis.com/auth/") })
    else { throw GoogleTokenRefusal("invalid_scope") }
  }

  private static func part(_ text: Substring) -> JSON? { bytes(text).flatMap { JSON($0) } }

  private static func bytes(_ text: Substring) -> Data? {
    var base = String(text).replacingOccurrences(of: "-", with: "+")
      .replacingOccurrences(of: "_", with: "/")
    while !base.count.isMultiple(of: 4) { base += "=" }
    return Data(base64Encoded: base)
  }
}
