/// Somebody who can be played on the page.
public struct Person: Sendable, Equatable, Identifiable {
  public var id: Int64
  public var firstName: String
  public var lastName: String?
  /// Without the `@`.
  public var username: String
  /// IETF tag of the language of their app.
  public var language: String

  public init(
    id: Int64, firstName: String, lastName: String? = nil, username: String, language: String
  ) {
    self.id = id
    self.firstName = firstName
    self.lastName = lastName
    self.username = username
    self.language = language
  }

  public var name: String { [firstName, lastName].compactMap(\.self).joined(separator: " ") }

  /// Ana made the group and added the bot, then the two others.
  public static let serviceDesk = [
    Person(id: 101, firstName: "Ana", username: "ana", language: "en"),
    Person(id: 102, firstName: "Ben", username: "ben", language: "en"),
    Person(id: 103, firstName: "李薇", username: "liwei", language: "zh-hans"),
  ]

  var json: JSON {
    .fields([
      "id": .int(id), "is_bot": false, "first_name": .string(firstName),
      "last_name": lastName.map(JSON.string), "username": .string(username),
      "language_code": .string(language),
    ])
  }
}

/// The account of the bot itself.
public struct Bot: Sendable, Equatable {
  public var id: Int64
  public var name: String
  public var username: String

  public init(id: Int64 = 7000, name: String = "Crewbell", username: String = "crewbell_bot") {
    self.id = id
    self.name = name
    self.username = username
  }

  var json: JSON {
    .fields([
      "id": .int(id), "is_bot": true, "first_name": .string(name), "username": .string(username),
    ])
  }
}

struct Chat: Sendable {
  enum Kind: Sendable, Equatable {
    case group(title: String)
    case direct(Person)
  }

  var id: Int64
  var kind: Kind
  var members: [Int64]
  var botIsIn: Bool
  /// The person has shut the bot out.
  var isBlocked = false
  /// The id that this group goes on under.
  var movedTo: Int64?
  var messages: [ChatMessage] = []

  var json: JSON {
    switch kind {
    case .group(let title):
      .fields(["id": .int(id), "type": "supergroup", "title": .string(title)])
    case .direct(let person):
      .fields([
        "id": .int(id), "type": "private", "first_name": .string(person.firstName),
        "last_name": person.lastName.map(JSON.string), "username": .string(person.username),
      ])
    }
  }

  func message(_ id: Int64) -> ChatMessage? { messages.first { $0.id == id } }
}

struct Entity: Sendable, Equatable {
  var type: String
  /// In UTF-16 units.
  var offset: Int
  var length: Int
  var user: Int64?
  var url: String?

  var end: Int { offset + length }
}

struct ChatMessage: Sendable {
  enum Service: Sendable, Equatable {
    case joined([Int64])
    case moved(from: Int64)
  }

  var id: Int64
  var from: Int64
  var text: String
  var entities: [Entity] = []
  /// Seconds since 1970, as everything in the Bot API.
  var date: Int64
  var editDate: Int64?
  var replyTo: Int64?
  var isSilent = false
  var reaction: String?
  var service: Service?
  /// The world's count when it was last changed, so that the page can ask for what is new.
  var revision: Int
}

/// One thing that the bot brought about, in order: the sandbox's record to compare with what the
/// bot believes.
public struct Delivered: Sendable, Equatable {
  public enum Kind: String, Sendable { case message, edit, reaction }

  public var kind: Kind
  public var chat: Int64
  public var message: Int64
  /// The text, or the emoji of a reaction.
  public var text: String
  public var replyTo: Int64?
  /// Whose phones it rings by a mention.
  public var pings: [Int64]
  public var isSilent: Bool
  /// The sandbox's clock, milliseconds since 1970.
  public var at: Int64
}
