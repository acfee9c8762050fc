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

  /// Tries the way. Where nothing tells whether an answer of unknown fate was shown, it is never
  /// shown again: the next message to that person says that one may be missing.
  func whisper(
    _ claimed: Claimed, _ way: Ephemeral, _ account: Account
  ) async -> Settlement {
    let now = clock.now()
    let wasTried = claimed.firstSentAt != nil
    guard let slash = account.slash, now < way.until,
      let address = seal?.open(way.sealed, for: account.name), !address.token.isEmpty
    else { return wasTried ? Self.doubt : .next(Self.directly, at: now) }
    guard let post = try? await prepared(claimed, account) else {
      return .again(at: later(claimed))
    }
    let request = slash.whisper(post, by: address, number: way.number)
    if wasTried, !request.isRepeatable { return Self.doubt }
    let waitSeconds = buckets.wait(for: claimed.target, account.platform.abilities, now: now)
    if waitSeconds > 0 {
      return .again(at: Instant(milliseconds: now.milliseconds + Int64(waitSeconds * 1000) + 1))
    }
    do {
      switch slash.whispered(try await perform(request)) {
      case .sent(let id): return .sent(id: id)
      case .closed: return wasTried ? Self.doubt : .next(Self.directly, at: now)
      case .retry(let wish): return .again(at: later(claimed, wish: wish))
      case .unknown: return unknown(claimed, request)
      }
    } catch {
      return error.nothingSent ? .again(at: later(claimed)) : unknown(claimed, request)
    }
  }

  private func unknown(_ claimed: Claimed, _ request: HTTPRequest) -> Settlement {
    request.isRepeatable ? .resend(at: later(claimed)) : Self.doubt
  }

  private static let doubt = Settlement.doubtful("nothing tells whether it was shown")
}
