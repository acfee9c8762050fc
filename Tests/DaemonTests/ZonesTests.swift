import Crew
import Foundation
import Testing

@testable import Daemon

@Suite struct ZonesTests {
  let zones = FoundationZones()

  @Test(arguments: [
    ("Europe/Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"),
    ("BERLIN", "Europe/Berlin"), ("new york", "America/New_York"), ("utc", "UTC"), ("GMT", "GMT"),
    ("shanghai", "Asia/Shanghai"), ("Asia/Calcutta", "Asia/Calcutta"),
    ("algiers", "Africa/Algiers"),
  ]) func `a zone is found by name in any case, and by city`(text: String, zone: String) {
    #expect(zones.named(text) == zone)
    #expect(zones.offsetSeconds(of: zone, at: Instant(seconds: 0)) != nil)
  }

  @Test(arguments: ["", "Berln", "GMT+7", "ABC", "Europe/", "../../etc/passwd", "Mars/Base", "/"])
  func `what is no zone is none`(text: String) {
    #expect(zones.named(text) == nil)
  }

  @Test func `the offset follows the law of the place`() {
    let november = Instant(seconds: 1_795_392_000)
    let july = Instant(seconds: 1_782_864_000)
    #expect(zones.offsetSeconds(of: "Europe/Berlin", at: november) == 3600)
    #expect(zones.offsetSeconds(of: "Europe/Berlin", at: july) == 7200)
    #expect(zones.offsetSeconds(of: "Australia/Lord_Howe", at: july) == 37_800)
    #expect(zones.offsetSeconds(of: "Mars/Base", at: july) == nil)
    #expect(zones.dataFault == nil)
  }

  @Test func `every zone that can be chosen has an offset`() {
    for zone in TimeZone.knownTimeZoneIdentifiers {
      #expect(zones.offsetSeconds(of: zone, at: Instant(seconds: 0)) != nil, "\(zone)")
      #expect(zones.named(zone) == zone)
    }
  }

  @Test func `many may ask at once`() async {
    let zones = zones
    await withTaskGroup(of: Int?.self) { group in
      for number in 0..<200 {
        group.addTask {
          let zone = TimeZone.knownTimeZoneIdentifiers[number]
          return zones.offsetSeconds(of: zone, at: Instant(seconds: 0))
        }
      }
      for await offset in group { #expect(offset != nil) }
    }
  }
}
