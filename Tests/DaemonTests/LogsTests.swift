import CDispatch  // The module through which `stat` comes in here.
import Crew
import Foundation
import Hostile
import Logging
import Platforms
import Testing

@testable import Daemon

/// A log whose lines are read back from a pipe.
final class LogPipe {
  let reader: Int32
  let writer: Int32
  let output: LogOutput

  init(style: LogOutput.Style = .journal, waitingBytesMax: Int = 1024 * 1024) throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    (reader, writer) = (ends[0], ends[1])
    output = LogOutput(
      descriptor: writer, style: style, level: .debug, redactor: Redactor(),
      waitingBytesMax: waitingBytesMax, now: { Instant(milliseconds: 1_782_864_000_123) })
  }

  /// Closing twice could close a file of another test, which has the number by then.
  private var isReaderOpen = true

  func closeReader() {
    guard isReaderOpen else { return }
    isReaderOpen = false
    close(reader)
  }

  deinit {
    closeReader()
    close(writer)
  }

  var log: Logger { Logger(label: "test") { self.output.handler($0) } }

  /// Everything written so far.
  func lines() -> [String] {
    output.flush(atMostSeconds: 10)
    return available()
  }

  /// Everything in the pipe, without waiting for more.
  func available() -> [String] {
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var wait = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
    while poll(&wait, 1, 0) == 1 {
      let count = read(reader, &chunk, chunk.count)
      guard count > 0 else { break }
      text += chunk[..<count]
    }
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

@Suite struct LogsTests {
  @Test func `a record is one line with its priority and its fields`() throws {
    let pipe = try LogPipe()
    var log = pipe.log
    log[metadataKey: "account"] = "matrix"
    log.warning("slow", metadata: ["seconds": "\(3)", "list": ["a", "b"], "more": ["k": "v"]])
    #expect(
      pipe.lines() == [
        #"<4>{"level":"warning","logger":"test","message":"slow","account":"matrix","#
          + #""list":["a","b"],"more":{"k":"v"},"seconds":"3"}"#
      ])
  }

  @Test func `a terminal gets the time and no priority`() throws {
    let pipe = try LogPipe(style: .plain)
    pipe.log.info("up")
    #expect(
      pipe.lines() == [
        #"{"time":"2026-07-01T00:00:00.123Z","level":"info","logger":"test","message":"up"}"#
      ])
    #expect(Instant(milliseconds: -1).iso8601 == "1969-12-31T23:59:59.999Z")
  }

  @Test(arguments: [
    "ok\n2026-01-01 INFO role granted", "\u{1B}[2J", "\r", "\u{0}", "\u{85}", "\u{2028}",
    "\u{202E}/gnp.exe", "\"},{\"level\":\"critical", "\\", "%n%s%x", "${jndi:ldap://x}",
  ]) func `no text breaks out of its line`(text: String) throws {
    let pipe = try LogPipe()
    pipe.log.info("\(text)", metadata: ["\(text)": "\(text)"])
    let lines = pipe.lines()
    let line = try #require(lines.first)
    #expect(lines.count == 1)
    #expect(!line.unicodeScalars.contains { $0.isUnsafeToShow })
    let record = try JSONDecoder().decode([String: String].self, from: Data(line.utf8.dropFirst(3)))
    #expect(record["message"] == text)
    #expect(record[text] == text)
    #expect(record["level"] == "info")
  }

  @Test func `every hostile text stays in its line`() throws {
    let pipe = try LogPipe(waitingBytesMax: 64 * 1024 * 1024)
    for text in HostileText.all {
      let head = String(text.unicodeScalars.prefix(500))
      pipe.log.info("said", metadata: ["text": "\(head)"])
      let lines = pipe.lines()
      #expect(lines.count == 1, "\(text.debugDescription.prefix(80))")
      let line = try #require(lines.first)
      #expect(!line.unicodeScalars.contains { $0.isUnsafeToShow })
      let record = try JSONDecoder().decode(
        [String: String].self, from: Data(line.utf8.dropFirst(3)))
      #expect(record["text"] == head)
    }
  }

  @Test func `a secret is taken out wherever it turns up`() throws {
    let pipe = try LogPipe()
    pipe.output.redactor.add(Secret("12345:CANARY/x"))
    pipe.output.redactor.add(Credential(token: "12345:CANARY/x-and-more"))
    struct Wordy: Error { var url = "https://api.example.org/bot12345:CANARY/x/getMe" }
    pipe.log.error(
      "in 12345:CANARY/x\u{301} and 12345%3ACANARY%2Fx and 12345:CANARY/x-and-more",
      metadata: ["12345:CANARY/x": ["deep": ["12345:CANARY/x"]], "why": "\(Wordy())"])
    let line = pipe.lines().joined()
    #expect(!line.contains("CANARY"))
    #expect(!line.contains("-and-more"))
    #expect(line.contains("/bot***/getMe"))
  }

  @Test func `a field cannot pass for the level of the line`() throws {
    let pipe = try LogPipe()
    pipe.log.info("x", metadata: ["level": "critical"])
    #expect(
      pipe.lines() == [#"<6>{"level":"info","logger":"test","message":"x","level_":"critical"}"#])
  }

  @Test func `endless fields are cut below what journald takes`() throws {
    let pipe = try LogPipe()
    var more: Logger.Metadata = [:]
    for number in 0..<100 { more["field\(number)"] = "\(String(repeating: "é", count: 10_000))" }
    pipe.log.info("x", metadata: more)
    let line = try #require(pipe.lines().first)
    #expect(line.utf8.count < 48 * 1024)
    #expect(line.hasSuffix(",\"cut\":true}"))
  }

  @Test func `a reader that stands still costs lines and no time, and is told how many`() throws {
    let pipe = try LogPipe(waitingBytesMax: 100_000)
    let log = pipe.log
    // A pipe holds 64 KiB; nobody reads. With a writer that waits, this loop never ends.
    for number in 0..<20_000 { log.info("line \(number)") }
    #expect(!pipe.output.flush(atMostSeconds: 0.01))
    var seen: [String] = []
    while !pipe.output.flush(atMostSeconds: 0.01) { seen += pipe.available() }
    seen += pipe.available()
    // Told once or more often, as the writer comes to it.
    let told = seen.filter { $0.contains("were dropped") }
    #expect(!told.isEmpty)
    var dropped = 0
    for line in told {
      let record = try JSONDecoder().decode(
        [String: String].self, from: Data(line.utf8.dropFirst(3)))
      dropped += try #require(record["count"].flatMap(Int.init))
    }
    #expect(seen.count - told.count + dropped == 20_000)
  }

  @Test func `a reader that has gone is no reason to end`() throws {
    let pipe = try LogPipe()
    pipe.closeReader()
    pipe.log.info("into the void")
    #expect(pipe.output.flush(atMostSeconds: 10))
  }

  @Test func `a new level counts for loggers that are already there`() throws {
    let pipe = try LogPipe()
    let log = pipe.log
    pipe.output.level = .error
    log.info("unheard")
    pipe.output.level = .info
    log.info("heard")
    #expect(pipe.lines().count == 1)
  }

  @Test func `the journal is recognised by its device and inode`() throws {
    let pipe = try LogPipe()
    var about = stat()
    try #require(fstat(pipe.writer, &about) == 0)
    let name = "\(about.st_dev):\(about.st_ino)"
    func style(_ name: String) -> LogOutput.Style {
      LogOutput.style(environment: ["JOURNAL_STREAM": name], descriptor: pipe.writer)
    }
    #expect(style(name) == .journal)
    #expect(style("1:2") == .plain)
    #expect(LogOutput.style(environment: [:], descriptor: pipe.writer) == .plain)
  }
}
