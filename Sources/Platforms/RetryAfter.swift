import Crew
import Foundation

extension HTTPResponse {
  /// What the server's own clock says, in seconds since 1970 (`Date` header), so that a platform
  /// needs no clock of ours.
  var serverSeconds: Int64? { headers["date"].flatMap(HTTPDate.seconds(of:)) }

  /// The `Retry-After` header in seconds, between one second and one hour: a number or a date
  /// (RFC 9110, 10.2.3). Nil where there is none or it makes no sense.
  var retryAfterSeconds: Double? {
    guard let text = headers["retry-after"]?.trimmingCharacters(in: .whitespaces) else {
      return nil
    }
    if let seconds = Double(text) { return HTTPResponse.wish(seconds) }
    guard let date = HTTPDate.seconds(of: text), let now = serverSeconds else { return nil }
    return HTTPResponse.wish(Double(date - now))
  }

  /// A platform's wish to wait, kept between one second and one hour. Nil for what is no wish.
  static func wish(_ seconds: Double) -> Double? {
    seconds >= 0 ? min(max(seconds, 1), 3600) : nil
  }
}

enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that servers may send (RFC 9110, 5.6.7).
  static func seconds(of text: String) -> Int64? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]),
      let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3]),
      let date = Day(year: year, month: month + 1, day: day)
    else { return nil }
    let clock = parts[4].split(separator: ":").compactMap { Int64($0) }
    guard clock.count == 3, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]),
      (0...60).contains(clock[2])
    else { return nil }
    return Int64(date.number) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
  }
}
