import Foundation

/// A small chat server on 127.0.0.1 with a web page, for `crewbell demo` and for tests. It speaks
/// Telegram's Bot API to a bot, and lets whoever opens the page be each of three people. Everything
/// is in memory and gone with it.
///
/// It holds a clock that the page turns ahead; a daemon in the same process takes its time from
/// `now`, so that a week of reminders passes in a minute.
public final class Sandbox: Sendable {
  public enum Failure: Error, Equatable, CustomStringConvertible {
    /// The port is taken, or may not be used.
    case cannotListen(String)
    case zoneUnknown(String)

    public var description: String {
      switch self {
      case .cannotListen(let why): "The sandbox cannot listen: \(why)"
      case .zoneUnknown(let zone): "\(zone) is no time zone; write one such as Europe/Berlin."
      }
    }
  }

  public let token: String
  public let bot: Bot
  public let people: [Person]
  let world: World
  private let clock: SandboxClock
  private let port: Int
  private let running = LocalServer()

  /// - Parameters:
  ///   - port: 0 for any that is free.
  ///   - token: what the bot must show; any text of the form `digits:letters`.
  ///   - people: the first one made the group and added the bot.
  ///   - zone: whose 09:00 "next morning" means.
  ///   - realNow: milliseconds since 1970.
  ///   - random: where the ids of updates begin.
  /// - Throws: `Failure.zoneUnknown`.
  public init(
    port: Int = 0, token: String, people: [Person] = Person.serviceDesk, bot: Bot = Bot(),
    groupTitle: String = "Service Desk", zone: String = "UTC",
    realNow: @escaping @Sendable () -> Int64, random: UInt64
  ) throws {
    guard let timeZone = TimeZone(identifier: zone) else { throw Failure.zoneUnknown(zone) }
    self.port = port
    self.token = token
    self.people = people
    self.bot = bot
    clock = SandboxClock(real: realNow, zone: timeZone, zoneName: zone)
    world = World(
      bot: bot, people: people, groupTitle: groupTitle, clock: clock, random: random)
  }

  /// The sandbox's clock, milliseconds since 1970; for the daemon that runs beside it.
  public var now: @Sendable () -> Int64 {
    { [clock] in clock.milliseconds }
  }

  /// Called after each turn of the clock, so that whoever sleeps until a reminder is due wakes up.
  public func onTurn(_ turned: @escaping @Sendable () -> Void) async {
    await world.onTurn(turned)
  }

  /// - Returns: the port.
  /// - Throws: `Failure.cannotListen`.
  public func start() async throws -> Int {
    let server = Server(world: world, token: token)
    await world.open()
    return try await running.start(port: port) { await server.answer($0) }
  }

  /// Answers what waits, closes all connections and returns when nothing listens any more.
  public func stop() async {
    await world.close()
    await running.end()
  }
}
