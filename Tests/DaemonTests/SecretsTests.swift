import Foundation
import Testing

@testable import Daemon

@Suite struct SecretsTests {
  @Test func `a secret shows itself to nobody who prints it`() {
    let secret = Secret("CANARY")
    var dumped = ""
    dump(secret, to: &dumped)
    dump(["deep": [secret]], to: &dumped)
    let printed = "\(secret) \(String(reflecting: secret)) \([secret]) \(Optional(secret) as Any)"
    #expect(!(dumped + printed).contains("CANARY"))
    #expect("\(secret)" == "***")
    #expect(secret.reveal() == "CANARY")
  }

  @Test func `newline, BOM and spaces are not part of a secret`() throws {
    let home = try ConfigHome()
    let files = SecretFiles(folder: home.folder.path, environment: [:])
    #expect(try files.read("telegram-token").reveal() == "123456:ABC-def")
    #expect(try files.read(home.folder.path + "/secrets/matrix").reveal() == "syt_good")
  }

  @Test func `only what is a document has several lines`() throws {
    let home = try ConfigHome()
    let files = SecretFiles(folder: home.folder.path, environment: [:])
    #expect(throws: SmallFile.Problem.self) { try files.read("secrets/googlechat") }
    let key = try files.read("secrets/googlechat", isDocument: true).reveal()
    #expect(key.contains("\n") && key.contains("service_account"))
  }

  @Test(arguments: [0o604, 0o640, 0o660, 0o602, 0o601])
  func `a file that others may use is refused`(
    mode: Int
  ) throws {
    let home = try ConfigHome()
    try home.put("secret", at: "open", mode: mode)
    let files = SecretFiles(folder: home.folder.path, environment: [:])
    #expect(throws: SmallFile.Problem.self) { try files.read("open") }
  }

  @Test func `what systemd hands over comes first, and keeps its own mode`() throws {
    let home = try ConfigHome()
    try FileManager.default.createDirectory(
      at: home.folder.appending(path: "credentials"), withIntermediateDirectories: true)
    try home.put("from systemd", at: "credentials/secrets_matrix", mode: 0o440)
    let files = SecretFiles(
      folder: home.folder.path,
      environment: ["CREDENTIALS_DIRECTORY": home.folder.path + "/credentials"])
    #expect(try files.read("secrets/matrix").reveal() == "from systemd")
    #expect(try files.read("telegram-token").reveal() == "123456:ABC-def")
  }

  @Test func `a pipe is not waited for`() throws {
    let home = try ConfigHome()
    mkfifo(home.folder.path + "/pipe", 0o600)
    let files = SecretFiles(folder: home.folder.path, environment: [:])
    #expect(throws: SmallFile.Problem.self) { try files.read("pipe") }
  }
}
