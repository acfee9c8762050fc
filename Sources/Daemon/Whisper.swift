import Crew
import Foundation
import Ledger
import Platforms

// What only one person may see goes by the way that the platform gave with the command, while that
// lives, and then to the person's direct chat.
extension Sender {
  /// How far such a post has come once its way is closed: stored, so that whoever goes on with it
  /// after a crash knows which of the two was last tried.
  static let directly = "direct"

  /// Tries the way. Nothing tells whether an answer of unknown fate was shown, so it is never shown
  /// again: the next message to that person says that one may be missing.
  func whisper(
    _ claimed: Claimed, _ way: Ephemeral, _ account: Account
  ) async -> Settlement {
    let now = clock.now()
    guard claimed.firstSentAt == nil else { return .doubtful("its fate was never learned") }
    guard let slash = account.slash, now < way.until,
      let address = seal?.open(way.sealed, for: account.name), !address.token.isEmpty
    else { return .next(Self.directly, at: now) }
    let waitSeconds = buckets.wait(for: claimed.target, account.platform.abilities, now: now)
    if waitSeconds > 0 {
      return .again(at: Instant(milliseconds: now.milliseconds + Int64(waitSeconds * 1000) + 1))
    }
    guard let post = try? await prepared(claimed, account) else {
      return .again(at: later(claimed))
    }
    do {
      let response = try await network.perform(
        slash.whisper(post, by: address, number: way.number))
      switch slash.whispered(response) {
      case .sent(let id): return .sent(id: id)
      case .closed: return .next(Self.directly, at: now)
      case .retry(let wish): return .again(at: later(claimed, wish: wish))
      case .unknown: return .doubtful("no answer came")
      }
    } catch {
      return error.nothingSent ? .again(at: later(claimed)) : .doubtful("no answer came")
    }
  }
}
