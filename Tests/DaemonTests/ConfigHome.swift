import Crew
import Foundation
import Hostile

@testable import Daemon

/// A folder with a config's secrets, right ones and wrong ones. Removed when nobody holds it.
final class ConfigHome {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "crewbell-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "secrets"), withIntermediateDirectories: true)
    try put("\u{FEFF} 123456:ABC-def \r\n", at: "telegram-token")
    for platform in TestedPlatform.all {
      for (name, secret) in platform.secrets { try put(secret + "\n", at: "secrets/\(name)") }
    }
    try put("secret words", at: "password")
    try put("open sesame", at: "secrets/mail")
    try put("https://hooks.example.org/CANARY", at: "secrets/hook-url")
    try put("CANARY secret", at: "secrets/hook")
    try put("https://oapi.dingtalk.com/robot/send?access_token=CANARY", at: "secrets/robot-url")
    try put("SECCANARY", at: "secrets/robot")
    try put("http://hooks.example.org/CANARY", at: "secrets/clear-url")
    try put(" \n", at: "empty")
    try put("123456:CANARYcanary", at: "world-readable", mode: 0o644)
    try put("123456:CANARYcanary\nmore", at: "two-lines")
    try put(String(repeating: "CANARY", count: 20_000), at: "too-long")
    try put(bytes: Data([0x43, 0xFF, 0xFE]), at: "not-text")
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func put(_ text: String, at name: String, mode: Int = 0o600) throws {
    try put(bytes: Data(text.utf8), at: name, mode: mode)
  }

  func put(bytes: Data, at name: String, mode: Int = 0o600) throws {
    let file = folder.appending(path: name)
    try bytes.write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
  }

  static let surroundings = Config.Surroundings(
    environment: [:], zones: FoundationZones(), languages: ["en", "zh"])

  func read(_ text: String, _ environment: [String: String] = [:]) throws(FileFaults) -> Config {
    var surroundings = Self.surroundings
    surroundings.environment = environment
    return try Config.read(
      text, file: folder.appending(path: "crewbell.yaml").path, surroundings)
  }

  /// `line:column: text`, paths as seen from here.
  func faults(in text: String) -> [String] {
    do {
      _ = try read(text)
      return []
    } catch {
      return error.list.map {
        $0.description.replacing(folder.path + "/", with: "").replacing("crewbell.yaml:", with: "")
      }
    }
  }

  private static let mark = "# expect "

  static func expected(in text: String) -> [String] {
    text.split(separator: "\n").filter { $0.hasPrefix(mark) }.map {
      String($0.dropFirst(mark.count))
    }
    .filter { $0 != "nothing" }
  }

  static func write(_ faults: [String], to file: URL, after text: String) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix(mark) }.joined(separator: "\n")
    let expectations = (faults.isEmpty ? ["nothing"] : faults).map { mark + $0 + "\n" }
    try (lines + expectations.joined()).write(to: file, atomically: true, encoding: .utf8)
  }
}
