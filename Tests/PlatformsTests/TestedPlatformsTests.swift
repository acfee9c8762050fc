import Fakes
import Hostile
import Platforms
import Testing

/// Whatever runs over every platform goes by one list, so that list must be whole.
@Suite struct TestedPlatformsTests {
  @Test func `the tests know every platform that there is`() {
    #expect(TestedPlatform.all.map(\.kind.name) == PlatformKind.all.map(\.name))
    for platform in TestedPlatform.all {
      let isRead = platform.kind.make(platform.kind.sample).abilities.reads
      #expect(platform.encoder.account == platform.kind.name)
      #expect((platform.script != nil) == isRead, "\(platform): a script")
      // Matrix is run on a real server.
      let wantsFake = isRead && platform.kind != .matrix
      #expect((platform.fake != nil) == wantsFake, "\(platform): a fake")
      #expect(platform.fake.map { $0.kind == platform.kind } != false)
    }
  }

  @Test func `every place that is only posted to has a receiver`() {
    let places = TestedPlatform.all.filter { $0.script == nil && $0.kind != .email }
    #expect(Set(HookFake.Vendor.allCases.map(\.kind.name)) == Set(places.map(\.kind.name)))
  }
}
