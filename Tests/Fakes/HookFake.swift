import Crew
import Crypto
import Foundation
import Platforms

/// The receivers of webhooks in memory, each as strict as its vendor: a body that the vendor would
/// refuse is refused, a wrong signature too, and whoever posts too often is blocked.
public struct HookFake: FakeChat {
  public enum Vendor: String, Sendable, CaseIterable {
    case generic, slack, mattermost, discord, googlechat, teams, dingtalk, wecom, feishu
  }

  public let vendor: Vendor
  let secret: String
  /// The robot's own limit: posts in any minute, then blocked for so many seconds.
  var perMinute: Int?
  public private(set) var delivered: [Delivered] = []
  /// Every body that was taken.
  public private(set) var bodies: [JSON] = []
  private var times: [Instant] = []
  private var blockedUntil: Instant?
  public private(set) var blocks = 0

  public init(_ vendor: Vendor, secret: String = "") {
    self.vendor = vendor
    self.secret = secret
    perMinute = [.dingtalk: 20, .wecom: 20, .feishu: 100, .discord: 30][vendor]
  }

  public mutating func answer(_ request: FakeRequest, now: Instant) -> FakeAnswer {
    guard request.method == "POST" else { return .now(HTTPResponse(status: 200)) }
    guard isHere(request) else { return refusal(404, "unknown") }
    if isTooFast(now) { return tooFast() }
    guard request.headers["content-type"]?.hasPrefix("application/json") == true,
      let body = request.json, body.object != nil
    else { return refusal(400, "no json") }
    if let wrong = wrongSignature(request, body, now) { return refusal(310_000, wrong) }
    guard let text = text(of: body) else { return refusal(400, "shape") }
    bodies.append(body)
    delivered.append(
      Delivered(.message, id: "\(bodies.count)", room: room, text: text, pings: pings(in: body)))
    return accepted()
  }

  private func isHere(_ request: FakeRequest) -> Bool {
    switch vendor {
    case .generic, .mattermost, .slack, .teams: request.path.last == "x"
    case .discord: request.path == ["api", "webhooks", "1", "x"] && request.query["wait"] == "true"
    case .googlechat:
      request.path == ["v1", "spaces", "S", "messages"] && request.query["key"] == "x"
    case .dingtalk: request.path == ["robot", "send"] && request.query["access_token"] == "x"
    case .wecom: request.path == ["cgi-bin", "webhook", "send"] && request.query["key"] == "x"
    case .feishu: request.path == ["open-apis", "bot", "v2", "hook", "x"]
    }
  }

  private mutating func isTooFast(_ now: Instant) -> Bool {
    if let until = blockedUntil, now < until { return true }
    guard let perMinute else { return false }
    times.removeAll { now.seconds(since: $0) >= 60 }
    guard times.count >= perMinute else {
      times.append(now)
      return false
    }
    blockedUntil = now.adding(seconds: 600)
    blocks += 1
    return true
  }

  private func tooFast() -> FakeAnswer {
    switch vendor {
    case .dingtalk:
      .json(200, ["errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"])
    case .wecom: .json(200, ["errcode": 45009, "errmsg": "api freq out of limit"])
    case .feishu: .json(200, ["code": 11232, "msg": "frequency limited psm"])
    default:
      .json(429, ["retry_after": .double(2.5)], headers: ["retry-after": "3"])
    }
  }

  private func refusal(_ code: Int, _ why: String) -> FakeAnswer {
    switch vendor {
    case .dingtalk:
      .json(200, ["errcode": .integer(Int64(code)), "errmsg": .string(why)])
    case .wecom: .json(200, ["errcode": 40008, "errmsg": .string(why)])
    case .feishu:
      .json(200, ["code": .integer(code == 310_000 ? 19021 : 9499), "msg": .string(why)])
    default: .json(code == 310_000 ? 403 : code, ["error": .string(why)])
    }
  }

  private func accepted() -> FakeAnswer {
    switch vendor {
    case .slack, .mattermost: .now(HTTPResponse(status: 200, body: Data("ok".utf8)))
    case .generic: .now(HTTPResponse(status: 204))
    case .teams: .now(HTTPResponse(status: 202))
    case .discord: .json(200, ["id": .string("\(bodies.count)"), "type": 0])
    case .googlechat: .json(200, ["name": .string("spaces/S/messages/\(bodies.count)")])
    case .dingtalk, .wecom: .json(200, ["errcode": 0, "errmsg": "ok"])
    case .feishu: .json(200, ["code": 0, "msg": "success", "data": [:]])
    }
  }

  // Who is in it: nobody, since nothing is read.
  public var room: String { "hook" }
  public var people: [String] { ["nobody", "nobody else"] }
  public mutating func write(_ text: String, by person: String, in room: String?, now: Instant)
    -> String
  { "" }
  public mutating func writeAsBot(_ text: String, in room: String, now: Instant) -> String { "" }
  public mutating func edit(_ message: String, to text: String, now: Instant) {}
  public mutating func restart() {}
}

// What each vendor documents of its signature, computed here by itself.
extension HookFake {
  private func wrongSignature(_ request: FakeRequest, _ body: JSON, _ now: Instant) -> String? {
    guard !secret.isEmpty else { return nil }
    switch vendor {
    case .generic:
      let stamp = request.headers["x-crewbell-timestamp"] ?? ""
      guard isFresh(stamp, 1, now, 300) else { return "stale" }
      let mac = Self.mac(Data("v1:\(stamp):".utf8) + request.body, secret)
      let hex = mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      return request.headers["x-crewbell-signature"] == "v1=" + hex ? nil : "sign"
    case .dingtalk:
      let stamp = request.query["timestamp"] ?? ""
      guard isFresh(stamp, 1000, now, 3600) else { return "timestamp" }
      let mac = Self.mac(Data("\(stamp)\n\(secret)".utf8), secret).base64EncodedString()
      return request.query["sign"] == mac ? nil : "sign not match"
    case .feishu:
      let stamp = body["timestamp"].string ?? ""
      guard isFresh(stamp, 1, now, 3600) else { return "timestamp" }
      let mac = Self.mac(Data(), "\(stamp)\n\(secret)").base64EncodedString()
      return body["sign"].string == mac ? nil : "sign match fail"
    default: return nil
    }
  }

  private func isFresh(_ stamp: String, _ unit: Int64, _ now: Instant, _ seconds: Int64) -> Bool {
    Int64(stamp).map { abs($0 / unit - now.seconds) <= seconds } ?? false
  }

  private static func mac(_ message: Data, _ key: String) -> Data {
    Data(HMAC<SHA256>.authenticationCode(for: message, using: .init(data: Data(key.utf8))))
  }
}

// What a body must look like, and what a reader sees of it; nil for what the vendor refuses.
extension HookFake {
  private func text(of body: JSON) -> String? {
    switch vendor {
    case .generic:
      guard body["id"].string?.isEmpty == false, body["title"].string != nil else { return nil }
      return body["text"].string
    case .slack: return slack(body)
    case .mattermost: return within(body["text"].string, 16_383)
    case .discord:
      return body["content"].string.flatMap { (1...2000).contains($0.utf16.count) ? $0 : nil }
    case .googlechat: return within(body["text"].string, 4096)
    case .teams: return teams(body)
    case .dingtalk:
      return body["msgtype"].string == "text" ? bytes(body["text"]["content"].string, 20_000) : nil
    case .wecom:
      return body["msgtype"].string == "text" ? bytes(body["text"]["content"].string, 2048) : nil
    case .feishu:
      guard body.data.count <= 20_000, body["msg_type"].string == "post" else { return nil }
      return body["content"]["post"]["zh_cn"]["content"].array?.map { line in
        (line.array ?? []).map { $0["tag"].string == "text" ? $0["text"].string ?? "" : "?" }
          .joined()
      }.joined(separator: "\n")
    }
  }

  private func within(_ text: String?, _ most: Int) -> String? {
    text.flatMap { (1...most).contains($0.unicodeScalars.count) ? $0 : nil }
  }

  private func bytes(_ text: String?, _ most: Int) -> String? {
    text.flatMap { (1...most).contains($0.utf8.count) ? $0 : nil }
  }

  private func slack(_ body: JSON) -> String? {
    guard body["text"].string?.isEmpty == false, let blocks = body["blocks"].array,
      (1...50).contains(blocks.count)
    else { return nil }
    var text = ""
    for part in blocks.flatMap({ $0["elements"].array ?? [] }) {
      guard ["rich_text_section", "rich_text_preformatted"].contains(part["type"].string ?? "")
      else { return nil }
      for piece in part["elements"].array ?? [] {
        guard piece["type"].string == "text", let words = piece["text"].string, !words.isEmpty
        else { return nil }
        text += words
      }
    }
    return text
  }

  private func teams(_ body: JSON) -> String? {
    let card = body["attachments"].array?.first?["content"] ?? .null
    guard body["type"].string == "message", body.data.count <= 28_000,
      card["type"].string == "AdaptiveCard", let blocks = card["body"].array, !blocks.isEmpty
    else { return nil }
    return blocks.map { block in
      (block["inlines"].array ?? []).map {
        $0["type"].string == "TextRun" ? $0["text"].string ?? "" : "?"
      }
      .joined()
    }.joined(separator: "\n")
  }

  /// What would make a phone ring.
  private func pings(in body: JSON) -> [String] {
    switch vendor {
    case .discord:
      return body["allowed_mentions"]["parse"] == [] ? [] : ["everyone"]
    case .dingtalk: return body["at"]["isAtAll"].bool == true ? ["all"] : []
    case .wecom: return body["text"]["mentioned_list"] == .null ? [] : ["listed"]
    case .mattermost: return body["props"]["disable_mentions"].bool == true ? [] : ["mentions"]
    default: return []
    }
  }
}

extension HookFake.Vendor {
  public var kind: PlatformKind {
    switch self {
    case .generic: .webhook
    case .slack: .slackWebhook
    case .mattermost: .mattermostWebhook
    case .discord: .discordWebhook
    case .googlechat: .googleChatWebhook
    case .teams: .teamsWebhook
    case .dingtalk: .dingTalkRobot
    case .wecom: .weComRobot
    case .feishu: .feishuRobot
    }
  }
}
