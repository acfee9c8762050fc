import Crew
import Testing

@testable import Platforms

@Suite struct MessageBodyTests {
  private static let ben = Identity(account: "a", user: "ben")

  private func said(_ build: (inout MessageBody) -> Void) -> [Piece] {
    var spoken = MessageBody()
    build(&spoken)
    spoken.end()
    return spoken.pieces
  }

  @Test func `the bot's name at the beginning is no part of what is said`() {
    let pieces = said { spoken in
      spoken.add("  ")
      spoken.mentionBot()
      spoken.add(", thank ")
      spoken.mention(Self.ben, shown: "@Ben")
    }
    #expect(pieces == [.text("thank "), .mention(Self.ben, shown: "@Ben")])
    let alone = said { $0.mentionBot() }
    #expect(alone == [])
  }

  @Test func `the bot's name further on takes nothing with it`() {
    let pieces = said { spoken in
      spoken.add("ask ")
      spoken.mentionBot()
      spoken.add(", please")
    }
    #expect(pieces == [.text("ask , please")])
  }

  /// PostgreSQL's text refuses it.
  @Test func `no NUL gets in, whatever stands behind it`() {
    let pieces = said { spoken in
      spoken.add("a\0\u{301}b\0")
      spoken.mention(Self.ben, shown: "@B\0en")
    }
    #expect(pieces == [.text("a\u{301}b"), .mention(Self.ben, shown: "@Ben")])
  }
}
