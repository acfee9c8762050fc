import Foundation

extension Telegram {
  /// One element of what getUpdates brought, read as far as it can be.
  struct Update {
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

    init(_ json: JSON) {
      id = json["update_id"].integer
      guard let fields = json.object else {
        body = .unreadable("an update that is not an object")
        return
      }
      guard let name = fields.keys.filter({ $0 != "update_id" }).min() else {
        body = .unreadable("an empty update")
        return
      }
      do throws(Misshapen) {
        body = try Self.body(name, json[name])
      } catch {
        body = .unreadable("\(name): \(error.why)")
      }
    }

    private static func body(_ name: String, _ json: JSON) throws(Misshapen) -> Body {
      switch name {
      case "message": .message(try Content(json))
      case "edited_message": .edited(try Content(json))
      case "my_chat_member": .standing(try Standing(json))
      default: .other(name, try? Chat(json["chat"]), try? User(json["from"]))
      }
    }
  }

  /// Nil where the body is no answer to getUpdates.
  static func updates(in body: Data) -> [Update]? {
    guard let answer = JSON(body), answer["ok"].bool == true else { return nil }
    return answer["result"].array?.map(Update.init)
  }
}
