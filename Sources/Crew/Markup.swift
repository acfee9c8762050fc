/// Text as a tree. What a person wrote enters only as `.text`, and one encoder per platform turns
/// the tree into that platform's markup: so nothing written in a chat can ping, link or format.
public struct Markup: Codable, Sendable, Equatable {
  public indirect enum Node: Codable, Sendable, Equatable {
    case text(String)
    case strong(Markup)
    /// A command to type, without its prefix: the encoder adds the prefix that works there.
    case command(String)
    /// A person by name. `pings` only in a private nudge or where somebody is spoken to.
    case person(name: String, identities: [Identity], pings: Bool)
    /// Text whose columns line up, such as the digest's tables.
    case table(String)
    /// A moment in words that are chosen already. A platform that shows each reader their own clock
    /// is told the moment instead; `offsetSeconds` is the zone of the words.
    case moment(words: String, at: Instant, offsetSeconds: Int)
    case lineBreak
  }

  public var nodes: [Node]

  public init(_ nodes: [Node]) { self.nodes = nodes }
  public init(_ text: String) { nodes = [.text(text)] }

  public static func + (a: Markup, b: Markup) -> Markup { Markup(a.nodes + b.nodes) }

  /// Several lines, one under the other.
  public static func lines(_ lines: [Markup]) -> Markup {
    var nodes: [Node] = []
    for (number, line) in lines.enumerated() {
      if number > 0 { nodes.append(.lineBreak) }
      nodes += line.nodes
    }
    return Markup(nodes)
  }

  /// The words alone, as a terminal or a test shows them.
  /// - Parameter prefix: what stands before a command to type.
  public func plain(prefix: String) -> String {
    nodes.map { node in
      switch node {
      case .text(let text), .table(let text), .moment(let text, _, _): text
      case .strong(let inner): inner.plain(prefix: prefix)
      case .command(let command): prefix + command
      case .person(let name, _, _): name
      case .lineBreak: "\n"
      }
    }.joined()
  }
}

extension Markup: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self.init(text) }
}
