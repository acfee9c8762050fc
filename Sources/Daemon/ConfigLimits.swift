import Foundation

extension Config.Draft {
  /// How much is taken from one person, one room and one account, and how much of a platform's
  /// rate is used.
  mutating func readLimits(_ top: Fields) {
    guard let field = top.fields["limits"] else { return }
    let keys = [
      "user_per_second", "user_burst", "room_per_second", "room_burst", "account_per_second",
      "account_burst", "platform_share",
    ]
    let fields = reader.fields(field.node, of: "`limits`", at: field.at, keys: keys)
    // A hundred thousand a second is more than any room will ever write.
    func number(
      _ key: String, _ usual: Double, _ range: ClosedRange<Double> = 0.001...100_000
    ) -> Double {
      guard let text = reader.text(key, in: fields) else { return usual }
      if let number = Double(text.value), range.contains(number) { return number }
      let (low, high) = (range.lowerBound.formatted(), range.upperBound.formatted())
      reader.fault(
        text.position,
        "`\(key)` takes a number from \(low) to \(high): write `\(key): \(usual.formatted())`")
      return usual
    }
    var limits = config.limits
    // With a burst below one nothing would ever be answered.
    limits.user.perSecond = number("user_per_second", limits.user.perSecond)
    limits.user.burst = number("user_burst", limits.user.burst, 1...100_000)
    limits.room.perSecond = number("room_per_second", limits.room.perSecond)
    limits.room.burst = number("room_burst", limits.room.burst, 1...100_000)
    limits.account.perSecond = number("account_per_second", limits.account.perSecond)
    limits.account.burst = number("account_burst", limits.account.burst, 1...100_000)
    // Above 1 a platform only answers with refusals, unless the server is one's own.
    limits.platformShare = number("platform_share", limits.platformShare, 0.001...1000)
    config.limits = limits
  }
}
