/// What tests and the demo's own script do without the page.
extension Sandbox {
  /// The group's id, until `upgradeGroup`.
  public var group: Int64 { World.groupID }

  /// All that the bot brought about so far, in order.
  public var delivered: [Delivered] { get async { await world.delivered } }

  /// The revision, and with it a way to wait: returns once something changed after `known`, or
  /// when the time is over.
  public func change(after known: Int, waitSeconds: Int) async -> Int {
    await world.waitForChange(after: known, seconds: waitSeconds)
    return await world.revision
  }

  /// - Returns: the message's id; nil where that person cannot write there.
  @discardableResult
  public func write(
    _ text: String, as person: Int64, in chat: Int64, replyTo: Int64? = nil
  ) async -> Int64? {
    await world.write(text, as: person, in: chat, replyTo: replyTo)
  }

  public func edit(_ message: Int64, to text: String, as person: Int64, in chat: Int64) async
    -> Bool
  {
    await world.edit(message, to: text, as: person, in: chat)
  }

  public func turn(_ turn: Turn) async { await world.turn(turn) }

  /// - Parameter milliseconds: since 1970; an earlier time than now changes nothing.
  public func turn(to milliseconds: Int64) async { await world.turn(to: milliseconds) }

  public func inject(_ fault: Fault) async { await world.inject(fault) }

  /// Shuts the bot out of that person's direct chat, or lets it in again.
  public func block(_ isBlocked: Bool = true, by person: Int64) async {
    await world.block(isBlocked, by: person)
  }

  /// Takes the bot out of the group, or puts it back.
  public func setBotInGroup(_ isIn: Bool, by person: Int64) async {
    await world.setBotInGroup(isIn, by: person)
  }

  /// The group becomes a supergroup under another id. - Returns: that id.
  public func upgradeGroup() async -> Int64 { await world.upgradeGroup() }

  /// How many updates the bot has not confirmed yet.
  public var unconfirmed: Int { get async { await world.queue.count } }

  /// As if the bot had been away for longer than Telegram keeps updates (24 hours).
  public func forgetUpdates() async { await world.forgetUpdates() }
}
