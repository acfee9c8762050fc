import Foundation
import Testing

@testable import Daemon

@Suite struct GiveBackTests {
  @Test func `only code that lies in a file is dropped`() {
    let maps = """
      1000-3000 r--p 00000000 08:01 77 /usr/local/bin/crewbell
      3000-9000 r-xp 00002000 08:01 77 /usr/local/bin/crewbell
      9000-a000 rw-p 00008000 08:01 77 /usr/local/bin/crewbell
      a000-b000 rwxp 00008000 08:01 77 /usr/local/bin/patched
      b000-c000 r-xp 00000000 00:00 0
      c000-d000 r-xp 00000000 00:00 0                                    [vdso]
      d000-e000 r-xs 00000000 08:01 78 /dev/shared
      7f0000000000-7f0000001000 r-xp 00000000 08:01 79                   /usr/lib/libcurl.so.4
      """
    #expect(
      GiveBack.program(in: maps) == [0x3000..<0x9000, 0x7f00_0000_0000..<0x7f00_0000_1000])
  }

  /// KiB of the program's code that lie in memory for this process.
  private func resident() throws -> Int {
    let maps = try String(contentsOfFile: "/proc/self/smaps", encoding: .utf8)
    var isCode = false
    return maps.split(separator: "\n").reduce(0) { sum, line in
      let words = line.split(separator: " ")
      if words.count >= 5, words[0].contains("-") { isCode = words[1] == "r-xp" }
      return isCode && words[0] == "Rss:" ? sum + (Int(words[1]) ?? 0) : sum
    }
  }

  @Test func `code that is not used is out of memory, and comes back when it is`() throws {
    let before = try resident()
    GiveBack.now()
    let after = try resident()
    #expect(after < before, "\(before) KiB before, \(after) KiB after")
    #expect(try JSONDecoder().decode([Int].self, from: Data("[1]".utf8)) == [1])
  }
}
