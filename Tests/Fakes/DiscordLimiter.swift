import Crew
import Foundation
import Platforms

/// Discord's limits (topics/rate-limits): a bucket for each route and channel or guild, and one of
/// fifty calls a second for all. Each answer tells of its bucket.
struct DiscordLimiter {
  private struct Bucket {
    var left: Int
    var resetAt: Int64
  }

  var isOn: Bool
  private(set) var refused = 0
  private(set) var globallyRefused = 0
  private var buckets: [String: Bucket] = [:]
  private var second: Int64 = 0
  private var inSecond = 0

  init(isOn: Bool) { self.isOn = isOn }

  private static let globalMax = 50

  private static func size(_ route: String) -> (calls: Int, milliseconds: Int64) {
    switch route {
    case "PUT reactions": (1, 250)
    case "POST channels": (2, 5000)
    case "GET me", "GET guilds": (1, 1000)
    default: (5, 5000)
    }
  }

  /// - Returns: the headers of the answer, and the refusal where there were too many.
  mutating func count(
    _ route: String, _ major: String, now: Instant
  ) -> (headers: [String: String], refusal: HTTPResponse?) {
    let (calls, length) = Self.size(route)
    let key = route + "/" + major
    var bucket = buckets[key] ?? Bucket(left: calls, resetAt: now.milliseconds + length)
    if bucket.resetAt <= now.milliseconds {
      bucket = Bucket(left: calls, resetAt: now.milliseconds + length)
    }
    let isEmpty = isOn && bucket.left == 0
    bucket.left = max(0, bucket.left - 1)
    buckets[key] = bucket
    let headers = headers(route, bucket, calls, now)
    if now.seconds != second { (second, inSecond) = (now.seconds, 0) }
    inSecond += 1
    if isOn, inSecond > Self.globalMax {
      globallyRefused += 1
      return (headers, Self.refusal(headers, milliseconds: 500, isGlobal: true))
    }
    guard isEmpty else { return (headers, nil) }
    refused += 1
    return (
      headers,
      Self.refusal(headers, milliseconds: bucket.resetAt - now.milliseconds, isGlobal: false)
    )
  }

  private func headers(
    _ route: String, _ bucket: Bucket, _ calls: Int, _ now: Instant
  ) -> [String: String] {
    let hash = String(route.utf8.reduce(UInt64(5381)) { $0 &* 33 &+ UInt64($1) }, radix: 16)
    return [
      "date": now.httpDate, "x-ratelimit-limit": String(calls),
      "x-ratelimit-remaining": String(isOn ? bucket.left : calls),
      "x-ratelimit-reset": String(Double(bucket.resetAt) / 1000),
      "x-ratelimit-reset-after": String(Double(bucket.resetAt - now.milliseconds) / 1000),
      "x-ratelimit-bucket": hash,
    ]
  }

  static func refusal(
    _ headers: [String: String], milliseconds: Int64, isGlobal: Bool
  ) -> HTTPResponse {
    var headers = headers
    headers["retry-after"] = String((milliseconds + 999) / 1000)
    headers["x-ratelimit-scope"] = isGlobal ? "global" : "user"
    if isGlobal { headers["x-ratelimit-global"] = "true" }
    return .json(
      429,
      [
        "message": "You are being rate limited.",
        "retry_after": .double(Double(milliseconds) / 1000),
        "global": .bool(isGlobal), "code": 0,
      ], headers: headers)
  }
}
