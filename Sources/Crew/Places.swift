/// Where the operator lets posts go besides the chats: places that are only posted to (a webhook, a
/// mailing list), and addresses that managers may have their digest sent to.
public struct Places: Sendable, Equatable {
  public enum What: String, Sendable, CaseIterable { case digests, reminders }

  /// One account that copies go to.
  public struct Place: Sendable, Equatable {
    public var account: String
    /// Each gets every copy: addresses, or one id of the account's own.
    public var ids: [String]
    /// Whose posts: teams that live in one of these rooms; nil for every team.
    public var rooms: [Room]?
    public var what: [What]

    public init(account: String, ids: [String], rooms: [Room]?, what: [What]) {
      self.account = account
      self.ids = ids
      self.rooms = rooms
      self.what = what
    }
  }

  public var list: [Place]
  /// The account that writes mail → the addresses it may write to: whole ones, or `*@example.org`.
  public var recipients: [String: [String]]

  public init(_ list: [Place] = [], recipients: [String: [String]] = [:]) {
    self.list = list
    self.recipients = recipients
  }

  func targets(_ what: What, of team: Team) -> [Target] {
    let settings = team.settings
    return list.filter { place in
      guard place.what.contains(what) else { return false }
      guard let rooms = place.rooms else { return true }
      return rooms.contains { settings.rooms.contains($0) || settings.formerRooms.contains($0) }
    }.flatMap { place in place.ids.map { .room(Room(account: place.account, id: $0)) } }
  }

  /// The address as somebody wrote it, if it is one and may be written to.
  func mailbox(_ text: String) -> Identity? {
    guard let address = MailAddress(text)?.description else { return nil }
    let identity = recipients.sorted { $0.key < $1.key }
      .first { entry in entry.value.contains { MailAddress.matches($0, address) } }
      .map { Identity(account: $0.key, user: address) }
    return identity
  }

  /// Whether the operator still lets this address be written to.
  func allows(_ identity: Identity) -> Bool {
    (recipients[identity.account] ?? []).contains { MailAddress.matches($0, identity.user) }
  }
}

/// An e-mail address of ASCII letters, as SMTP takes it everywhere (RFC 5321, 4.1.2, without quoted
/// local parts). The domain is in lower case.
public struct MailAddress: Sendable, Equatable, CustomStringConvertible {
  public let local: String
  public let domain: String
  public var description: String { "\(local)@\(domain)" }

  public init?(_ text: String) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...64).contains(parts[0].utf8.count),
      (4...253).contains(parts[1].utf8.count)
    else { return nil }
    let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count > 1, labels.allSatisfy(Self.isLabel),
      parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy(Self.isAtom)
    else { return nil }
    local = String(parts[0])
    domain = parts[1].lowercased()
  }

  /// - Parameter pattern: a whole address, or `*@example.org`.
  static func matches(_ pattern: String, _ address: String) -> Bool {
    guard pattern.hasPrefix("*@") else { return MailAddress(pattern)?.description == address }
    return address.hasSuffix(pattern.dropFirst().lowercased())
  }

  private static func isAtom(_ text: Substring) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { isLetterOrDigit($0) || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
  }

  private static func isLabel(_ text: Substring) -> Bool {
    (1...63).contains(text.utf8.count) && text.first != "-" && text.last != "-"
      && text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2D }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}

extension Markup {
  /// With the prefix written out before every command: where a post is read is not where the
  /// command can be typed, and the other place's prefix would not work there.
  public func spelled(prefix: String) -> Markup {
    Markup(
      nodes.map { node in
        switch node {
        case .command(let words): .command(prefix + words)
        case .strong(let inner): .strong(inner.spelled(prefix: prefix))
        case .text, .person, .table, .moment, .lineBreak: node
        }
      })
  }

  /// In several pieces, none longer than `limit` by `measure` unless a single line of it is: broken
  /// at the ends of lines only.
  public func parts(atMost limit: Int, measure: (Markup) -> Int) -> [Markup] {
    let lines = nodes.split(omittingEmptySubsequences: false) { $0 == .lineBreak }
      .map { Markup(Array($0)) }
    var parts: [[Markup]] = [[]]
    var length = 0
    for line in lines {
      let more = measure(line) + 1
      if length > 0, length + more > limit {
        parts.append([])
        length = 0
      }
      parts[parts.count - 1].append(line)
      length += more
    }
    return parts.map { Markup.lines($0) }
  }
}
