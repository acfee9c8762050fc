import Foundation
import Outside
import Platforms
import Testing

/// A real SMTP server in a process of its own; `smtp_server.py` says what it can be asked for.
final class MailServer: Sendable {
  let port: Int
  private let processIdentifier: Int32
  private let lines: LineReader

  init(_ certificate: String = "good", _ options: String...) throws {
    let certificates = try Certificates.shared.get()
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let process = Process()
    process.executableURL = Python.interpreter
    process.arguments =
      ["-W", "ignore", folder.appending(path: "smtp_server.py").path]
      + [certificates.path(certificate + ".pem"), certificates.path(certificate + ".key")]
      + options
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    processIdentifier = process.processIdentifier
    lines = LineReader(output.fileHandleForReading)
    port = try #require(JSON(text: lines.first())?["port"].integer.flatMap { Int($0) })
  }

  func stop() { kill(processIdentifier, SIGKILL) }

  /// What it took, as Python's reader of mail understands it.
  var mails: [JSON] { lines.all.dropFirst().compactMap { JSON(text: $0) } }
}
