import Crew

/// What would be said in the days to come if nobody wrote anything: the same rules, a clock that
/// runs ahead, and nothing sent or stored.
public enum Forecast {
  public struct Line: Sendable, Equatable {
    public var at: Instant
    public var team: String
    public var zone: String
    public var to: String
    public var text: String
  }

  /// Looked at every so many minutes; rules are due at or after their time.
  static let stepMinutes: Int64 = 5

  /// - Returns: every post that would go out, in order.
  public static func lines(
    _ start: Teams, from: Instant, days: Int, zones: any Zones, places: Places = Places()
  ) -> [Line] {
    var teams = start
    var lines: [Line] = []
    let end = from.adding(hours: Int64(days) * 24)
    var instant = from
    while instant <= end {
      let now = Now(instant, zones: zones)
      for team in teams.sorted {
        for due in team.due(now, words: teams.words, places: places) {
          for event in due.events { teams.apply(event, to: team.id, at: instant) }
          for post in (due.post.map { [$0] } ?? []) + due.copies {
            lines.append(line(post, team, instant))
          }
        }
      }
      instant = instant.adding(minutes: stepMinutes)
    }
    return lines
  }

  private static func line(_ post: Outgoing, _ team: Team, _ at: Instant) -> Line {
    let to: String
    switch post.target {
    case .room(let room):
      to = room == team.settings.home ? team.settings.name : "\(room.account): \(room.id)"
    case .direct(let identity):
      to = team.members.member(identity)?.name ?? identity.user
    }
    return Line(
      at: at, team: team.settings.name, zone: team.settings.zone, to: to,
      text: post.post.text.plain(prefix: "!"))
  }
}
