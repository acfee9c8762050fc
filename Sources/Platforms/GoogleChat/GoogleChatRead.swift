import Crew
import Foundation

extension GoogleChat {
  /// What the cursor holds. No text of a chat ever stands in it.
  struct Memory: StoredMemory {
    var version = 1
    /// The server's clock at the first contact, in milliseconds: what was written before is
    /// history.
    var startedAt: Int64?
    /// What the last pull brought, stored by now and still to be acknowledged.
    var acks: [String] = []
    /// Spaces that somebody who may has brought the bot into, in order.
    var spaces: [String] = []

    static let spacesMax = 5000

    mutating func enter(_ space: String) {
      guard !spaces.contains(space), spaces.count < Self.spacesMax else { return }
      spaces.append(space)
      spaces.sort()
    }
  }

  /// What one answer is being turned into.
  struct Reading {
    let settings: Settings
    var memory: Memory
    var messages: [Message] = []
    var complaints: [String] = []
    var remarks: [String] = []
    var waitSeconds = 0.0

    func isAllowed(_ user: String) -> Bool {
      settings.invitersAllowed.allows(user)
    }
  }

  public func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    var reading = Reading(settings: settings, memory: Memory(cursor))
    reading.complaints = reading.memory.complaints(about: cursor)
    if reading.memory.startedAt == nil {
      try begin(response, &reading)
    } else if !reading.memory.acks.isEmpty {
      try acknowledged(response, &reading)
    } else {
      try pulled(response, &reading)
    }
    var intake = Intake(
      messages: reading.messages, cursor: reading.memory.text, waitSeconds: reading.waitSeconds,
      complaints: reading.complaints)
    intake.remarks = reading.remarks
    return intake
  }

  // MARK: - The first contact

  private func begin(_ response: HTTPResponse, _ reading: inout Reading) throws(PollFailure) {
    let answer = JSON(response.body) ?? .null
    // Who may read a subscription need not be allowed to look at it.
    let mayNotLook = response.status == 403 && word(in: response) == "PERMISSION_DENIED"
    guard mayNotLook || response.status == 200 && answer["topic"].string != nil else {
      throw failure(of: response)
    }
    guard let now = response.serverSeconds else {
      throw .retry(afterSeconds: nil, "\(settings.account): the answer is not one of Google")
    }
    reading.memory.startedAt = now * 1000
    if mayNotLook {
      reading.remarks.append(
        "how the subscription is set up could not be looked at; the role Pub/Sub Viewer lets it be "
          + "checked here")
    } else {
      reading.complaints += Self.faults(of: answer)
    }
  }

  /// What keeps a subscription from being pulled.
  private static func faults(of subscription: JSON) -> [String] {
    var faults: [String] = []
    if subscription["pushConfig"]["pushEndpoint"].string.map({ !$0.isEmpty }) ?? false {
      faults.append("the subscription pushes to an endpoint: set its delivery type to Pull")
    }
    let exports = ["bigqueryConfig", "bigtableConfig", "cloudStorageConfig"]
    if exports.contains(where: { subscription[$0].object?.isEmpty == false }) {
      faults.append("the subscription writes elsewhere: make one whose delivery type is Pull")
    }
    if subscription["topic"] == "_deleted-topic_" || subscription["detached"] == true {
      faults.append(
        "the subscription has no topic any more: make a new one for the topic that stands in the "
          + "configuration of the Chat API")
    }
    return faults
  }

  // MARK: - Pulling

  private func acknowledged(
    _ response: HTTPResponse, _ reading: inout Reading
  ) throws(PollFailure) {
    // Ids that are not accepted any more: what they stand for comes again, and is known.
    let areStale = response.status == 400 && word(in: response) != nil
    guard areStale || response.status == 200 && JSON(response.body)?.object?.isEmpty == true
    else { throw failure(of: response) }
    reading.memory.acks = []
  }

  private func pulled(_ response: HTTPResponse, _ reading: inout Reading) throws(PollFailure) {
    // So it is called by some servers when nothing came in time.
    if response.status == 504, word(in: response) == "DEADLINE_EXCEEDED" {
      reading.waitSeconds = Self.pauseSeconds
      return
    }
    let answer = JSON(response.body) ?? .null
    guard response.status == 200, let members = answer.object,
      members.isEmpty || answer["receivedMessages"].array != nil
    else { throw failure(of: response) }
    let received = answer["receivedMessages"].array ?? []
    if received.isEmpty { reading.waitSeconds = Self.pauseSeconds }
    for message in received {
      // What cannot be read would come again for ever, so it is acknowledged too.
      if let id = message["ackId"].string, (1...2048).contains(id.utf8.count),
        reading.memory.acks.count < 2 * Int(Self.pullMax)
      {
        reading.memory.acks.append(id)
      }
    }
    reading.take(received.map { $0["message"] })
  }

  // MARK: - What went wrong

  func failure(of response: HTTPResponse) -> PollFailure {
    let word = word(in: response)
    let what = "\(settings.account): status \(response.status)" + (word.map { " (\($0))" } ?? "")
    switch response.status {
    case 401 where word != nil: return .tokenExpired(what + ": the access token is not accepted")
    case 403 where word != nil:
      return .refused(
        what + ": give the service account the role Pub/Sub Subscriber on the subscription, and "
          + "turn on the Pub/Sub API in its project.")
    case 404 where word != nil:
      return .refused(
        what + ": there is no such subscription; write the name of one to `subscription`. One that "
          + "nobody reads for 31 days is deleted, unless it is set never to expire.")
    case 400 where word != nil:
      return .refused(
        what + ": this subscription cannot be pulled; make one whose delivery type is Pull.")
    case 200:
      return .retry(afterSeconds: nil, "\(settings.account): the answer is not one of Google")
    default: return .retry(afterSeconds: response.retryAfterSeconds, what)
    }
  }

  /// The status that Google's errors carry beside their sentence.
  func word(in response: HTTPResponse) -> String? {
    JSON(response.body)?["error"]["status"].string.flatMap { Self.isWord($0) ? $0 : nil }
  }
}
