import Crew

extension Discord {
  /// What a text says once its `<…>` are read (reference, "Message Formatting").
  struct Body: Equatable {
    private var said = MessageBody()
    var pieces: [Piece] { said.pieces }
    var mentionsBot: Bool { said.mentionsBot }

    /// Begins as a command does.
    var isCommand: Bool {
      guard case .text(let text)? = pieces.first else { return false }
      return text.first { !$0.isWhitespace }.map { "!！".contains($0) } ?? false
    }

    init(_ post: Written, me: String, account: String) {
      let names = Dictionary(
        (post.json["mentions"].array ?? []).compactMap { user -> (String, String)? in
          user["id"].string.map { ($0, Discord.name(of: user)) }
        }, uniquingKeysWith: { $1 })
      var rest = post.content[...]
      while let open = rest.firstIndex(of: "<") {
        said.add(rest[..<open])
        let after = rest.index(after: open)
        let inside = rest[after...].prefix { !"<> \n".contains($0) }
        guard inside.endIndex < rest.endIndex, rest[inside.endIndex] == ">",
          take(inside, names, me, account)
        else {
          said.add("<")
          rest = rest[after...]
          continue
        }
        rest = rest[rest.index(after: inside.endIndex)...]
      }
      said.add(rest)
      said.end()
    }

    /// False for what is no mark.
    private mutating func take(
      _ inside: Substring, _ names: [String: String], _ me: String, _ account: String
    ) -> Bool {
      if inside.hasPrefix("@&"), Discord.isID(String(inside.dropFirst(2))) {
        said.add("@role")
      } else if inside.hasPrefix("@") {
        let id = String(inside.dropFirst(inside.hasPrefix("@!") ? 2 : 1))
        guard Discord.isID(id) else { return false }
        if id == me {
          said.mentionBot()
        } else {
          let name = names[id].flatMap { $0.isEmpty ? nil : $0 } ?? id
          said.mention(Identity(account: account, user: id), shown: "@" + name)
        }
      } else if inside.hasPrefix("#"), Discord.isID(String(inside.dropFirst())) {
        said.add(inside)
      } else if inside.hasPrefix(":") || inside.hasPrefix("a:") {
        let parts = inside.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, Discord.isID(String(parts[2])) else { return false }
        said.add(":\(parts[1]):")
      } else if inside.hasPrefix("https://") || inside.hasPrefix("http://") {
        said.add(inside)
      } else {
        return false
      }
      return true
    }

  }
}
