import Foundation

/// Memory that the start needed and the running daemon does not: pages of the program that were run
/// once, and those around them. Whoever shares the machine can have them; a page that is wanted
/// again comes from the page cache.
enum GiveBack {
  /// When the start is over and the first polls are under way.
  static let firstAfterSeconds = 10.0
  /// What runs once an hour, such as a snapshot, is not needed for the next one either.
  static let everySeconds = 3600.0

  static func forEver(_ clock: any Clock) async {
    var pause = firstAfterSeconds
    while !Task.isCancelled {
      do { try await clock.sleep(seconds: pause) } catch { return }
      now()
      pause = everySeconds
    }
  }

  static func now() {
    guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return }
    for range in program(in: maps) {
      // Code is never written to, so what is dropped here is in its file as it was.
      madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_DONTNEED)
    }
  }

  /// Where code lies that was mapped from a file, may be run and may not be written: nothing else
  /// may be dropped, because it may differ from its file.
  static func program(in maps: String) -> [Range<UInt>] {
    maps.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ", omittingEmptySubsequences: true)
      guard words.count >= 6, words[1] == "r-xp", words[4] != "0", words[5].hasPrefix("/") else {
        return nil
      }
      let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : nil
    }
  }
}
