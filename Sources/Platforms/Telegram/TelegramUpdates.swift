import Foundation

extension Telegram {
  /// One element of what getUpdates brought, read as far as it can be.
  struct Update: Decodable {
    enum Body {
      case message(Content)
      case edited(Content)
      case standing(Standing)
      /// A kind that was not asked for, by its name: what was queued before the kinds were chosen
      /// still comes.
      case other(String, Chat?, User?)
      case unreadable(String)
    }

    /// Nil where even the id cannot be read.
    var id: Int64?
    var body: Body

    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    private struct Other: Decodable {
      var chat: Lenient<Chat>?
      var from: Lenient<User>?
    }

    init(_ body: Body, id: Int64?) {
      self.id = id
      self.body = body
    }

    init(from decoder: any Decoder) throws {
      guard let fields = try? decoder.container(keyedBy: Key.self) else {
        body = .unreadable("an update that is not an object")
        return
      }
      id = try? fields.decode(Int64.self, forKey: Key(stringValue: "update_id"))
      let names = fields.allKeys.map(\.stringValue).filter { $0 != "update_id" }.sorted()
      guard let name = names.first else {
        body = .unreadable("an empty update")
        return
      }
      do {
        body = try Self.body(name, in: fields)
      } catch {
        body = .unreadable("\(name): \(Self.place(of: error))")
      }
    }

    private static func body(
      _ name: String, in fields: KeyedDecodingContainer<Key>
    ) throws -> Body {
      let key = Key(stringValue: name)
      switch name {
      case "message": return .message(try fields.decode(Content.self, forKey: key))
      case "edited_message": return .edited(try fields.decode(Content.self, forKey: key))
      case "my_chat_member": return .standing(try fields.decode(Standing.self, forKey: key))
      default:
        let other = try? fields.decode(Other.self, forKey: key)
        return .other(name, other?.chat?.value, other?.from?.value)
      }
    }

    /// Where the shape is wrong. Names of fields only: the words of a chat stay out of the log.
    private static func place(of error: any Error) -> String {
      switch error as? DecodingError {
      case .keyNotFound(let key, _)?: "\(key.stringValue) is missing"
      case .typeMismatch(_, let context)?, .valueNotFound(_, let context)?,
        .dataCorrupted(let context)?:
        "\(context.codingPath.last?.stringValue ?? "it") is of another shape"
      default: "not in the known shape"
      }
    }
  }

  /// Nil where the body is no answer to getUpdates. An answer that does not parse as a whole
  /// (nesting without end, say) is cut into its updates, so that one cannot hide the others or
  /// come back for ever.
  static func updates(in body: Data) -> [Update]? {
    let bytes = Salvage.repaired([UInt8](body)[...])
    if let answer = try? JSONDecoder().decode(Answer<[Update]>.self, from: Data(bytes)) {
      return answer.ok ? answer.result : nil
    }
    return Salvage.elements(ofResultIn: bytes)?.map { element in
      if let update = try? JSONDecoder().decode(Update.self, from: Data(element)) { return update }
      return Update(
        .unreadable("an update that is not JSON"), id: Salvage.updateID(in: element))
    }
  }
}
