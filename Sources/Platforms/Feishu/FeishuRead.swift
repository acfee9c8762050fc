import Crew
import Foundation

extension Feishu {
  /// What one answer is being turned into.
  struct Reading {
    let settings: Settings
    var memory: Memory
    /// The server's clock, in seconds.
    var now: Int64?
    var messages: [Message] = []
    var complaints: [String] = []

    var me: String { memory.me ?? "" }

    func isAllowed(_ user: String) -> Bool {
      settings.invitersAllowed.allows(user)
    }
  }

  public func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    var reading = Reading(
      settings: settings, memory: Memory(cursor), now: response.serverSeconds)
    reading.complaints = reading.memory.complaints(about: cursor)
    let answer = JSON(response.body) ?? .null
    var isListing = false
    if isLost(response, answer, &reading) {
      return Intake(
        messages: [], cursor: reading.memory.text, waitSeconds: Double(Memory.listSeconds),
        complaints: reading.complaints)
    }
    if isClosed(response, answer, &reading) {
      // The others are read all the same.
    } else {
      guard response.status == 200, answer["code"].integer == 0 else { throw failure(of: response) }
      switch reading.memory.errand {
      case .whoami:
        guard let me = answer["bot"]["open_id"].string, Self.isID(me) else {
          throw failure(of: response)
        }
        reading.memory.me = me
      case .chats(let page):
        guard let list = answer["data"]["items"].array, let now = reading.now else {
          throw failure(of: response)
        }
        isListing = reading.takeChats(list, next: Self.next(answer), isFirst: page == nil, now: now)
      case .open(let person):
        guard let chat = answer["data"]["chat_id"].string, Self.isID(chat) else {
          throw failure(of: response)
        }
        reading.opened(chat, with: person)
      case .messages(let chat):
        guard let list = answer["data"]["items"].array else { throw failure(of: response) }
        reading.takeMessages(in: chat, list, next: Self.next(answer))
      }
    }
    let wait =
      isListing
      ? Memory.quickSeconds : reading.memory.choose(now: reading.now ?? reading.memory.listedAt)
    return Intake(
      messages: reading.messages, cursor: reading.memory.text, waitSeconds: wait,
      complaints: reading.complaints)
  }

  /// Where the next page begins; nil where there is none.
  private static func next(_ answer: JSON) -> String? {
    guard answer["data"]["has_more"].bool == true, let token = answer["data"]["page_token"].string,
      !token.isEmpty, token.utf8.count <= 2000
    else { return nil }
    return token
  }

  // MARK: - What went wrong

  /// The code of a refusal of what was asked, which says nothing of the account.
  private func refusal(_ response: HTTPResponse, _ answer: JSON) -> Int64? {
    guard [200, 400, 403, 404].contains(response.status), let code = answer["code"].integer,
      code != 0, !FeishuCode.isOfAccount(code)
    else { return nil }
    return code
  }

  /// True where a page of the list of groups is refused: where it begins is not known for ever, and
  /// the token outlives a stop of ours. The list begins anew.
  private func isLost(
    _ response: HTTPResponse, _ answer: JSON, _ reading: inout Reading
  ) -> Bool {
    guard case .chats(page: _?) = reading.memory.errand, let code = refusal(response, answer)
    else { return false }
    reading.memory.errand = .chats(page: nil)
    reading.complaints.append("a page of the list of groups is refused (code \(code))")
    return true
  }

  /// True where this one chat or person is closed to us; the others are not.
  private func isClosed(
    _ response: HTTPResponse, _ answer: JSON, _ reading: inout Reading
  ) -> Bool {
    guard let code = refusal(response, answer) else { return false }
    switch reading.memory.errand {
    case .whoami, .chats: return false
    case .open(let person): reading.cannotOpen(person)
    case .messages(let chat):
      reading.close(chat, code: code)
    }
    return true
  }

  func failure(of response: HTTPResponse) -> PollFailure {
    let code = JSON(response.body)?["code"].integer
    let what =
      "\(settings.account): status \(response.status)" + (code.map { ", code \($0)" } ?? "")
    if response.status == 429 || code.map(FeishuCode.isLimit) == true {
      return .retry(afterSeconds: FeishuCode.wait(in: response), what)
    }
    if let code, response.status < 500 {
      if FeishuCode.isInner(code) { return .retry(afterSeconds: nil, what) }
      if FeishuCode.isToken(code) { return .tokenExpired(what) }
      if FeishuCode.isPermission(code) {
        return .refused(what + ": the app lacks a permission; " + FeishuCode.permissions)
      }
    }
    switch response.status {
    case 401, 403:
      return .refused(what + ": Feishu does not let this app in; check it in the console.")
    case 200:
      return .retry(
        afterSeconds: nil, "\(settings.account): the answer is not one of Feishu or Lark")
    default: return .retry(afterSeconds: response.retryAfterSeconds, what)
    }
  }
}

/// What the codes of the Open API mean, where it matters (server-docs/api-call-guide).
enum FeishuCode {
  static let permissions =
    "give it 获取与发送单聊、群组消息 (im:message), 获取群组中所有消息 (im:message.group_msg) and 获取群组信息 "
    + "(im:chat:readonly) under 权限管理, turn on its 机器人, and publish a version of it."

  /// Too many calls, by the gateway, by a message, by a robot.
  static func isLimit(_ code: Int64) -> Bool { [99_991_400, 230_020, 11_232].contains(code) }

  /// The token is missing, wrong or run out.
  static func isToken(_ code: Int64) -> Bool {
    [99_991_661, 99_991_663, 99_991_664, 99_991_665, 99_991_668].contains(code)
  }

  /// The app may not, or its bot is not turned on.
  static func isPermission(_ code: Int64) -> Bool {
    [99_991_672, 99_991_679, 230_006, 232_025].contains(code)
  }

  /// Trouble of theirs, that passes; what was asked may have been done.
  static func isInner(_ code: Int64) -> Bool { [1500, 1503, 2200, 230_049].contains(code) }

  /// Not of one chat alone.
  static func isOfAccount(_ code: Int64) -> Bool {
    isLimit(code) || isToken(code) || isPermission(code) || isInner(code)
  }

  /// In a header of the gateway, in seconds.
  static func wait(in response: HTTPResponse) -> Double {
    response.retryAfterSeconds
      ?? response.headers["x-ogw-ratelimit-reset"].flatMap(Double.init).flatMap {
        $0.isFinite ? HTTPResponse.wish($0) : nil
      } ?? 5
  }
}
