import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = MattermostDesk
private let start = Desk.start

/// A page that speaks of more people than are remembered.
@Suite struct `Mattermost, many names` {
  /// Answers what is asked about people, and the page wherever posts are asked for, until it is
  /// told or the questions do not end.
  /// - Returns: what was told, and how many questions it took.
  private func read(
    _ posts: [JSON], _ desk: Desk, isAnybody: Bool = true
  ) throws -> (told: [Message], questions: Int) {
    var questions = 0
    while questions < 40 {
      guard desk.path.hasPrefix("users/"), !desk.path.hasSuffix("/channels") else {
        let told = try desk.take(Desk.page(posts))
        if !desk.path.hasPrefix("users/") || desk.path.hasSuffix("/channels") {
          return (told, questions)
        }
        continue
      }
      questions += 1
      let asked = JSON(desk.request.body ?? Data())?.array?.compactMap(\.string) ?? []
      try desk.take(
        .array(isAnybody ? asked.map { Desk.user(String($0.prefix { $0 != "0" })) } : []))
    }
    return ([], questions)
  }

  private func letters(_ number: Int) -> String {
    String(String(number).map { Character(UnicodeScalar($0.asciiValue.map { $0 + 49 } ?? 97)) })
  }

  @Test func `a page of sixty lists of names is told after a few questions`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(last: start + 60_000)])
    let posts = (0..<60).map { post in
      let names = (0..<20).map { "@n\(letters(post))x\(letters($0))" }.joined(separator: " ")
      return Desk.post(
        "p\(letters(post))", "!kudos \(names) thanks", by: "by\(letters(post))",
        at: start + 1000 * Int64(post + 1))
    }
    let (told, questions) = try read(posts, desk)
    #expect(told.count == 60 && questions <= 8)
    // Whoever writes long lists leaves the others theirs.
    for message in told {
      let isNamed = message.body.contains { if case .mention = $0 { true } else { false } }
      #expect(isNamed, "\(message.told.prefix(60))")
    }
    #expect((desk.cursor?.utf8.count ?? 0) < 64_000)
  }

  @Test func `two hundred people in what was changed lately are told of`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(last: start + 200_000)])
    try desk.take(Desk.page([]))
    #expect(desk.path.contains("since="))
    let posts = (0..<200).map { post in
      Desk.post(
        "p\(letters(post))", "good morning", by: "by\(letters(post))",
        at: start + 1000 * Int64(post + 1))
    }
    let (told, questions) = try read(posts, desk)
    #expect(told.count == 200 && questions <= 4)
    #expect(Set(told.map(\.senderName)).count == 200)
    #expect((desk.cursor?.utf8.count ?? 0) < 64_000)
  }

  @Test func `a post full of invented names is one question, and the rest stays words`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(last: start + 1)])
    let names = (0..<2000).map { "@n\(letters($0))" }.joined(separator: " ")
    let (told, questions) = try read(
      [Desk.post("long", "!kudos \(names) @crewbell", at: start + 1)], desk, isAnybody: false)
    // Ana is known.
    #expect(told.count == 1 && questions <= 2)
    #expect(told.first?.mentionsBot == true)
    #expect((desk.cursor?.utf8.count ?? 0) < 8000)
  }
}
