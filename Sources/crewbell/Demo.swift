import ArgumentParser
import Daemon
import Foundation
import Sandbox

/// The whole thing on one machine, without any account: a chat page in the browser, and the daemon
/// polling it as it would poll Telegram.
struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Open a chat page on this machine and let the daemon work in it.")
  @Option(help: "The page's port on 127.0.0.1; 0 takes any that is free.")
  var port = 8765
  @Flag(help: "Do not open a browser.")
  var quiet = false

  func run() async throws {
    // Debian calls it Etc/UTC; people call it UTC.
    let zone = TimeZone.current.identifier.replacing("Etc/UTC", with: "UTC")
    let clock = SystemClock()
    let sandbox = try Sandbox(
      port: port, token: "1:demo", zone: zone, realNow: { clock.milliseconds },
      random: SystemChance().next())
    let port = try await sandbox.start()
    let page = "http://127.0.0.1:\(port)/"
    // Past Swift's buffer: whoever started us through a pipe reads the address at once.
    let line = "The chat page: \(page)   (Ctrl-C ends it)\n"
    try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
    if !quiet { open(page) }
    let demo = try await DemoDaemon(
      baseURL: "http://127.0.0.1:\(port)", token: sandbox.token, zone: zone, now: sandbox.now)
    await sandbox.onTurn { demo.clockTurned() }
    try await demo.run()
    await sandbox.stop()
  }

  /// With whatever this desktop opens pages with, if there is one.
  private func open(_ page: String) {
    let environment = ProcessInfo.processInfo.environment
    guard environment["DISPLAY"] != nil || environment["WAYLAND_DISPLAY"] != nil else { return }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["xdg-open", page]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try? process.run()
  }
}
