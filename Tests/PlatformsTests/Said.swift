import Crew

extension Message {
  /// `ana: !task add x`, or the kind of what is no text; a mention is `{ben}`.
  var said: String { said { $0 } }

  /// - Parameter name: what is shown of an id.
  func said(_ name: (String) -> String) -> String {
    let words = body.map { piece in
      switch piece {
      case .text(let text): text
      case .mention(let identity, _): "{\(name(identity.user))}"
      }
    }.joined()
    let who = name(sender.user)
    return kind == .text ? "\(who): \(words)" : "\(who) \(kind)"
  }
}
