import Crew
import Crypto
import Foundation
import Testing

@testable import Platforms

/// Signs calls as a platform does.
enum SlashSigner {
  static func form(_ fields: [(String, String)]) -> Data {
    Data(fields.map { Percent.encoded($0) + "=" + Percent.encoded($1) }.joined(separator: "&").utf8)
  }

  static func slack(
    _ body: Data, secret: String, seconds: Int64
  ) -> [(name: String, value: String)] {
    let code = HMAC<SHA256>.authenticationCode(
      for: Data("v0:\(seconds):".utf8) + body, using: SymmetricKey(data: Data(secret.utf8)))
    return [
      ("x-slack-request-timestamp", String(seconds)),
      ("x-slack-signature", "v0=" + hex(code)),
    ]
  }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

@Suite struct `Calls that come to us` {
  @Test(arguments: [
    ("a=1&b=2", ["a": "1", "b": "2"]), ("a=x%20y+z", ["a": "x y z"]), ("a", ["a": ""]),
    ("a=b=c", ["a": "b=c"]), ("=x&&a=1", ["": "x", "a": "1"]), ("a=%E4%BD%A0", ["a": "你"]),
    ("a=%", ["a": "%"]), ("a=%4", ["a": "%4"]), ("a=%zz", ["a": "%zz"]),
    ("a=%FF", ["a": "\u{FFFD}"]),
    ("a=1&a=2", ["a": "1"]), ("", [:]),
  ]) func `a form is read as browsers write it`(text: String, fields: [String: String]) {
    let form = FormFields(Data(text.utf8))
    for (name, value) in fields { #expect(form[name] == value) }
    #expect(form["none"] == "" && FormFields(Data("a=1&b=&a=2".utf8)).all("a") == ["1", "2"])
  }

  @Test func `no body at all takes long or does harm`() {
    for piece in ["%", "&", "=", "a=%41&", "\u{0}", "é"] {
      let form = FormFields(Data(String(repeating: piece, count: 20_000).utf8))
      #expect(form["b"] == "")
    }
  }

  @Test func `what is sealed opens with the same key, for the same account, and unchanged`() throws
  {
    let seal = try #require(Seal(key: Data(repeating: 7, count: 32)))
    let secret = Credential(token: "https://hooks.slack.com/commands/CANARY")
    let sealed = seal.close(secret, for: "slack")
    #expect(seal.open(sealed, for: "slack") == secret)
    #expect(sealed == seal.close(secret, for: "slack"))
    #expect(!sealed.contains("CANARY") && !"\(seal)".contains("7"))
    #expect(seal.open(sealed, for: "slack2") == nil)
    let other = try #require(Seal(key: Data(repeating: 8, count: 32)))
    #expect(other.open(sealed, for: "slack") == nil)
    var bytes = try #require(Data(base64Encoded: sealed))
    for place in bytes.indices {
      bytes[place] ^= 1
      #expect(seal.open(bytes.base64EncodedString(), for: "slack") == nil)
      bytes[place] ^= 1
    }
    #expect(seal.open("", for: "slack") == nil && seal.open("x", for: "slack") == nil)
    #expect(Seal(key: Data(repeating: 7, count: 31)) == nil)
    // Two texts never share a nonce, which would give both away.
    let second = seal.close(Credential(token: secret.token + "2"), for: "slack")
    #expect(sealed.prefix(16) != second.prefix(16))
  }
}
