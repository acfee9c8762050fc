import Foundation

extension Discord {
  /// The limits that are used up, by what the answers tell of them: each belongs to a bucket, and
  /// in it to one channel or guild (topics/rate-limits, "Header Format").
  struct Limits: Codable, Equatable {
    /// The bucket of each route.
    var buckets: [String: String] = [:]
    /// Until when, by the server's clock in milliseconds, a bucket of a channel or guild is empty.
    var rests: [String: Int64] = [:]

    static let restsMax = 256

    mutating func learn(_ response: HTTPResponse, of errand: Errand, now: Int64?) {
      guard let bucket = response.headers["x-ratelimit-bucket"],
        (1...64).contains(bucket.utf8.count)
      else { return }
      let (route, major) = Self.route(of: errand)
      buckets[route] = bucket
      guard let now else { return }
      rests = rests.filter { $0.value > now }
      guard response.headers["x-ratelimit-remaining"] == "0",
        let seconds = response.headers["x-ratelimit-reset-after"].flatMap(Double.init),
        (0...3600).contains(seconds), rests.count < Self.restsMax
      else { return }
      rests["\(bucket):\(major)"] = now + Int64((seconds * 1000).rounded(.up))
    }

    /// In how many milliseconds that may be called.
    func rest(of errand: Errand, now: Int64?) -> Int64 {
      let (route, major) = Self.route(of: errand)
      guard let now, let bucket = buckets[route], let end = rests["\(bucket):\(major)"] else {
        return 0
      }
      return min(max(0, end - now), 3_600_000)
    }

    private static func route(of errand: Errand) -> (String, major: String) {
      switch errand {
      case .whoami: ("me", "")
      case .guilds: ("guilds", "")
      case .channels(let guild): ("channels", guild)
      case .threads(let guild): ("threads", guild)
      case .open: ("open", "")
      case .messages(let channel, _): ("messages", channel)
      }
    }
  }

  /// The server's clock in milliseconds: to the millisecond by the headers of its limits, else to
  /// the second.
  static func now(by response: HTTPResponse) -> Int64? {
    if let reset = response.headers["x-ratelimit-reset"].flatMap(Double.init),
      let after = response.headers["x-ratelimit-reset-after"].flatMap(Double.init),
      (1_000_000_000...100_000_000_000).contains(reset), (0...86_400).contains(after)
    {
      return Int64((reset - after) * 1000)
    }
    return response.serverSeconds.map { $0 * 1000 }
  }

  /// How long to wait after a 429: the body says it in fractions of a second, the header in whole
  /// ones. Without a body of Discord's it was Cloudflare, which is patient for longer.
  static func wait(in response: HTTPResponse) -> Double {
    if let seconds = JSON(response.body)?["retry_after"].number, seconds.isFinite,
      let wish = HTTPResponse.wish(seconds)
    {
      return wish
    }
    let isDiscord = JSON(response.body)?["message"].string != nil
    return response.retryAfterSeconds ?? (isDiscord ? 5 : 600)
  }
}
