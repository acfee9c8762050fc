import Crew

extension RocketChat {
  /// `2021-09-24T19:19:47.911Z`, as the server writes and reads a time: milliseconds since 1970.
  enum ISOTime {
    /// Nil for what is no such time between then and the year 9999.
    static func milliseconds(_ text: String?) -> Int64? {
      guard let text, text.utf8.count == 24, let day = Day(String(text.prefix(10))),
        day.year >= 1970
      else { return nil }
      let clock = Array(text.utf8.dropFirst(10))
      func number(_ places: Range<Int>) -> Int64? {
        places.reduce(0) { sum, place in
          guard let sum, (0x30...0x39).contains(clock[place]) else { return nil }
          return sum * 10 + Int64(clock[place] - 0x30)
        }
      }
      let isInForm = zip([0, 3, 6, 9, 13], "T::.Z".utf8).allSatisfy { clock[$0] == $1 }
      guard isInForm, let hour = number(1..<3), let minute = number(4..<6),
        let second = number(7..<9), let rest = number(10..<13), hour < 24, minute < 60, second < 60
      else { return nil }
      return Int64(day.number) * 86_400_000 + ((hour * 60 + minute) * 60 + second) * 1000 + rest
    }

    static func text(_ milliseconds: Int64) -> String {
      let time = min(max(milliseconds, 0), 253_402_300_799_999)
      func padded(_ number: Int64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: count - text.utf8.count) + text
      }
      return Day(number: Int(time / 86_400_000)).description + "T"
        + padded(time / 3_600_000 % 24, 2) + ":" + padded(time / 60_000 % 60, 2) + ":"
        + padded(time / 1000 % 60, 2) + "." + padded(time % 1000, 3) + "Z"
    }
  }
}
