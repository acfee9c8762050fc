import Crew
import Foundation
import Synchronization

/// Time zones from Foundation, whose data is inside the binary.
public final class FoundationZones: Zones {
  /// Ids come from events and are few; the limit is for the day when they are not.
  private static let knownMax = 2000

  private let known = Mutex<[String: TimeZone?]>([:])
  /// Ids by their own name and by their city, in small letters. A city that several zones have is
  /// left out: nobody should be moved to the wrong one.
  private let ids: [String: String]

  public init() {
    let all = TimeZone.knownTimeZoneIdentifiers
    var ids: [String: String] = [:]
    let cities = Dictionary(grouping: all.filter { $0.contains("/") }, by: Self.city)
    for (city, zones) in cities where zones.count == 1 { ids[city] = zones[0] }
    for id in all { ids[id.lowercased()] = id }
    ids["utc"] = "UTC"
    self.ids = ids
  }

  public func offsetSeconds(of zone: String, at instant: Instant) -> Int? {
    let date = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
    return find(zone)?.secondsFromGMT(for: date)
  }

  public func named(_ text: String) -> String? {
    guard (1...64).contains(text.utf8.count) else { return nil }
    let name = text.lowercased().replacing(" ", with: "_")
    if let id = ids[name] { return id }
    // Older names (`Asia/Calcutta`) are not listed but are known. Foundation would also take
    // `GMT+7` and even `ABC`, so only names with a region count.
    return text.contains("/") && TimeZone(identifier: text) != nil ? text : nil
  }

  /// What is wrong with the data, nil if nothing is. A static build without it would give every
  /// zone the offset of UTC without a word.
  public var dataFault: String? {
    let july = Instant(seconds: 1_782_864_000)
    if offsetSeconds(of: "Europe/Berlin", at: july) == 7200 { return nil }
    return "the time zone data is missing or wrong: Berlin is not two hours ahead of UTC in July"
  }

  private func find(_ zone: String) -> TimeZone? {
    known.withLock { known in
      if let found = known[zone] { return found }
      let found = zone.utf8.count <= 64 ? TimeZone(identifier: zone) : nil
      if known.count >= Self.knownMax { known.removeAll() }
      known[zone] = .some(found)
      return found
    }
  }

  private static func city(_ id: String) -> String {
    (id.split(separator: "/").last.map(String.init) ?? id).lowercased()
  }
}
