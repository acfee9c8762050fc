/// Where calls wait for their turn to connect.
///
/// libcurl looks each name up in a thread of its own and opens a connection for each call. Ten
/// thousand polls that start together would be ten thousand threads and a flood for one server, so
/// only `connectingMax` calls to a host are between their start and the first byte of their
/// request. Hosts do not wait for each other: one that cannot be reached delays its own calls only.
struct Lobby<Guest> {
  static var connectingMax: Int { 64 }

  private struct Site {
    var connecting = 0
    var urgent = Line()
    var usual = Line()
  }

  /// First in, first out; a front index instead of moving everything up at each step.
  private struct Line {
    var guests: [ObjectIdentifier] = []
    var front = 0

    mutating func next() -> ObjectIdentifier? {
      guard front < guests.count else { return nil }
      front += 1
      defer {
        if front == guests.count {
          guests = []
          front = 0
        }
      }
      return guests[front - 1]
    }
  }

  private var sites: [String: Site] = [:]
  /// Who left without a turn is gone from here; the line skips the name later.
  private var waiting: [ObjectIdentifier: Guest] = [:]

  var isEmpty: Bool { waiting.isEmpty }
  var guests: Dictionary<ObjectIdentifier, Guest>.Values { waiting.values }

  /// An urgent guest goes before all others of its host.
  mutating func enter(_ guest: Guest, id: ObjectIdentifier, host: String, isUrgent: Bool) {
    waiting[id] = guest
    if isUrgent {
      sites[host, default: Site()].urgent.guests.append(id)
    } else {
      sites[host, default: Site()].usual.guests.append(id)
    }
  }

  mutating func remove(_ id: ObjectIdentifier) -> Guest? { waiting.removeValue(forKey: id) }

  /// The next guest of this host, if one may go; its place is taken until `leave`.
  mutating func next(at host: String) -> Guest? {
    guard var site = sites.removeValue(forKey: host) else { return nil }
    defer {
      if site.connecting > 0 || !site.urgent.guests.isEmpty || !site.usual.guests.isEmpty {
        sites[host] = site
      }
    }
    while site.connecting < Self.connectingMax, let id = site.urgent.next() ?? site.usual.next() {
      guard let guest = waiting.removeValue(forKey: id) else { continue }
      site.connecting += 1
      return guest
    }
    return nil
  }

  /// A call has begun to send its request, or has ended before that.
  mutating func leave(_ host: String) {
    sites[host]?.connecting -= 1
  }
}
