/// Places that people name and no zone is called after, and what they may have meant by a word that
/// is no zone at all.
enum Cities {
  /// By the folded name. Where a country has one zone, the country too.
  static let zones: [String: String] = [
    "beijing": "Asia/Shanghai", "shenzhen": "Asia/Shanghai", "guangzhou": "Asia/Shanghai",
    "hangzhou": "Asia/Shanghai", "suzhou": "Asia/Shanghai", "chengdu": "Asia/Shanghai",
    "china": "Asia/Shanghai", "中国": "Asia/Shanghai", "北京": "Asia/Shanghai",
    "上海": "Asia/Shanghai", "深圳": "Asia/Shanghai", "广州": "Asia/Shanghai",
    "杭州": "Asia/Shanghai", "苏州": "Asia/Shanghai", "成都": "Asia/Shanghai",
    "香港": "Asia/Hong_Kong", "台北": "Asia/Taipei", "东京": "Asia/Tokyo", "日本": "Asia/Tokyo",
    "首尔": "Asia/Seoul", "新加坡": "Asia/Singapore", "柏林": "Europe/Berlin", "德国": "Europe/Berlin",
    "伦敦": "Europe/London", "巴黎": "Europe/Paris", "纽约": "America/New_York",
    "旧金山": "America/Los_Angeles", "洛杉矶": "America/Los_Angeles", "悉尼": "Australia/Sydney",
    "munich": "Europe/Berlin", "münchen": "Europe/Berlin", "hamburg": "Europe/Berlin",
    "frankfurt": "Europe/Berlin", "cologne": "Europe/Berlin", "germany": "Europe/Berlin",
    "barcelona": "Europe/Madrid", "milan": "Europe/Rome", "geneva": "Europe/Zurich",
    "manchester": "Europe/London", "edinburgh": "Europe/London", "uk": "Europe/London",
    "bangalore": "Asia/Kolkata", "bengaluru": "Asia/Kolkata", "mumbai": "Asia/Kolkata",
    "delhi": "Asia/Kolkata", "india": "Asia/Kolkata", "hanoi": "Asia/Ho_Chi_Minh",
    "japan": "Asia/Tokyo", "osaka": "Asia/Tokyo", "san francisco": "America/Los_Angeles",
    "sf": "America/Los_Angeles", "seattle": "America/Los_Angeles", "boston": "America/New_York",
    "nyc": "America/New_York", "washington": "America/New_York", "austin": "America/Chicago",
    "abu dhabi": "Asia/Dubai", "tel aviv": "Asia/Jerusalem",
  ]

  /// Zones to offer when a word is misspelt.
  private static let common = [
    "Africa/Algiers", "Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi",
    "America/Bogota", "America/Chicago", "America/Denver", "America/Los_Angeles",
    "America/Mexico_City", "America/New_York", "America/Sao_Paulo", "America/Toronto",
    "Asia/Bangkok", "Asia/Dubai", "Asia/Ho_Chi_Minh", "Asia/Hong_Kong", "Asia/Jakarta",
    "Asia/Jerusalem", "Asia/Karachi", "Asia/Kolkata", "Asia/Manila", "Asia/Seoul",
    "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Asia/Tokyo", "Australia/Sydney",
    "Europe/Amsterdam", "Europe/Athens", "Europe/Berlin", "Europe/Dublin", "Europe/Helsinki",
    "Europe/Istanbul", "Europe/Kyiv", "Europe/Lisbon", "Europe/London", "Europe/Madrid",
    "Europe/Oslo", "Europe/Paris", "Europe/Prague", "Europe/Rome", "Europe/Stockholm",
    "Europe/Vienna", "Europe/Warsaw", "Europe/Zurich", "Pacific/Auckland",
  ]

  /// The common zone whose city, or whole name, takes the fewest letters to reach from `text`; nil
  /// if that is more than a third of them.
  static func nearest(to text: String) -> String? {
    let typed = Array(text.prefix(40))
    let found = common.map { zone -> (zone: String, distance: Int) in
      let name = Text.folded(zone)
      let city = name[
        (name.firstIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex)...]
      return (zone, min(distance(typed, Array(name)), distance(typed, Array(city))))
    }.min { $0.distance < $1.distance }
    guard let found, found.distance * 3 <= max(typed.count, 3) else { return nil }
    return found.zone
  }

  /// How many letters must be added, left out or changed (Levenshtein).
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, one) in a.enumerated() {
      var previous = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let change = previous + (one == other ? 0 : 1)
        previous = row[j + 1]
        row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
