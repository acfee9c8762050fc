/// A way to answer so that only who asked sees it: what a platform sends with a native slash
/// command (Slack's and Mattermost's `response_url`, Discord's interaction token). It lives for
/// minutes.
public struct Ephemeral: Codable, Sendable, Equatable {
  /// Whoever knows the way may write there, so it is locked; the daemon has the key.
  public var sealed: String
  /// From then on it is not tried any more.
  public var until: Instant
  /// Which answer over this way it is, from 0.
  public var number: Int

  public init(sealed: String, until: Instant, number: Int = 0) {
    self.sealed = sealed
    self.until = until
    self.number = number
  }

  /// The most answers by one way: Slack and Mattermost take five.
  public static let answersMax = 5
}

extension Message {
  /// The answers to a slash command as only who gave it sees them: by its own way, or to the person
  /// alone. What is for others or for all stays as it is, and so do answers to anything else.
  ///
  /// A slash command is no message in the room: nothing can stand under it or react to it.
  public func aside(_ posts: [Outgoing]) -> [Outgoing] {
    guard let ephemeral else { return posts }
    var number = 0
    return posts.map { outgoing in
      var outgoing = outgoing
      guard isAnswer(outgoing) else { return outgoing }
      outgoing.target = .direct(sender)
      (outgoing.post.inReplyTo, outgoing.post.thread) = (nil, nil)
      if case .reaction = outgoing.post.kind { outgoing.post.kind = .message }
      if number < Ephemeral.answersMax {
        outgoing.post.ephemeral = ephemeral
        outgoing.post.ephemeral?.number = number
        number += 1
      }
      return outgoing
    }
  }

  private func isAnswer(_ outgoing: Outgoing) -> Bool {
    switch outgoing.target {
    case .direct(let person): outgoing.kind == .reply && person == sender
    case .room(let target): target == room && (isDirect || outgoing.post.inReplyTo == id)
    }
  }
}

extension Answer {
  /// What is said where nothing else is: whoever gives a slash command sees not even their own.
  public static func bare(isDone: Bool) -> Phrase {
    isDone
      ? Phrase("slash.done", "✓ Done.")
      : Phrase("slash.nothing", "I can do nothing with that here.")
  }
}
