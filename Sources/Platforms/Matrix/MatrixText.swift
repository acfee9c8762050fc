import Crew
import Foundation

/// A tree of ours as the two texts of a Matrix message. What people wrote is always escaped, so it
/// cannot format, link or ping.
struct MatrixText: Equatable {
  var plain = ""
  var html = ""
  /// Whose phones ring.
  var pinged: Set<String> = []

  var bytes: Int { plain.utf8.count + html.utf8.count }

  init() {}

  /// - Parameter bytesMax: of both texts together; more is cut at a line and ends with an ellipsis.
  init(_ markup: Markup, account: String, bytesMax: Int) {
    let whole = MatrixText(nodes: markup.nodes, account: account)
    self =
      whole.bytes <= bytesMax
      ? whole : MatrixText(cutting: markup.nodes, account: account, bytesMax: bytesMax - 16)
  }

  private init(nodes: [Markup.Node], account: String) {
    for (number, node) in nodes.enumerated() {
      let isBeforeTable = number + 1 < nodes.count && nodes[number + 1].isTable
      let isAfterTable = number > 0 && nodes[number - 1].isTable
      append(node, account: account, isBesideTable: isBeforeTable || isAfterTable)
    }
  }

  private mutating func append(_ node: Markup.Node, account: String, isBesideTable: Bool) {
    switch node {
    case .text(let text), .moment(let text, _, _):
      plain += Self.kept(text)
      html += Self.escape(text, lineBreak: "<br>")
    case .strong(let inner):
      let inner = MatrixText(nodes: inner.nodes, account: account)
      plain += inner.plain
      html += "<strong>" + inner.html + "</strong>"
      pinged.formUnion(inner.pinged)
    case .command(let command):
      plain += "!" + Self.kept(command)
      html += "<code>!" + Self.escape(command) + "</code>"
    case .person(let name, let identities, let pings):
      append(person: name, pings ? identities.sorted().first { $0.account == account } : nil)
    case .table(let table):
      plain += Self.kept(table)
      html += "<pre><code>" + Self.escape(table) + "</code></pre>"
    case .lineBreak:
      plain += "\n"
      // A table is a block of its own; a break beside it would show as an empty line.
      if !isBesideTable { html += "<br>" }
    }
  }

  private mutating func append(person name: String, _ identity: Identity?) {
    let name = Self.kept(name)
    plain += name
    // A link that nobody sees would ring all the same.
    guard let identity, !name.isEmpty else {
      html += Self.escape(name)
      return
    }
    html +=
      "<a href=\"https://matrix.to/#/" + Percent.encoded(identity.user) + "\">"
      + Self.escape(name) + "</a>"
    pinged.insert(identity.user)
  }

  /// Takes whole lines while they fit; only a first line that is too long is cut inside.
  private init(cutting nodes: [Markup.Node], account: String, bytesMax: Int) {
    var kept: [Markup.Node] = []
    var size = 0
    for node in nodes {
      let cost = MatrixText(nodes: [node], account: account).bytes
      if size + cost <= bytesMax {
        kept.append(node)
        size += cost
        continue
      }
      if let part = Self.cut(node, bytesMax: bytesMax - size) {
        kept.append(part)
      } else if let line = kept.lastIndex(of: .lineBreak) {
        kept.removeSubrange(line...)
      } else if case .text(let text) = node {
        kept.append(.text(Self.prefix(of: text, bytesMax: bytesMax - size)))
      }
      break
    }
    self = MatrixText(nodes: kept + [.lineBreak, .text("…")], account: account)
  }

  /// The whole lines of a node that fit, nil where not even one does.
  private static func cut(_ node: Markup.Node, bytesMax: Int) -> Markup.Node? {
    let text: String
    switch node {
    case .text(let whole), .table(let whole): text = whole
    default: return nil
    }
    var kept: [String] = []
    var left = bytesMax - 30
    for line in Printable.lines(text) {
      left -= line.utf8.count + escape(line).utf8.count + 6
      if left < 0 { break }
      kept.append(line)
    }
    guard kept.contains(where: { !$0.isEmpty }) else { return nil }
    let joined = kept.joined(separator: "\n")
    return node.isTable ? .table(joined) : .text(joined)
  }

  /// The longest beginning of whole characters that fits in both texts; of a first character that
  /// is longer than all that, whole scalars.
  private static func prefix(of text: String, bytesMax: Int) -> String {
    var size = 0
    func fits(_ part: String) -> Bool {
      size += part.utf8.count + escape(part, lineBreak: "<br>").utf8.count
      return size <= bytesMax
    }
    let whole = text.prefix { fits(String($0)) }
    if !whole.isEmpty { return String(whole) }
    size = 0
    return String(text.unicodeScalars.prefix { fits(String($0)) })
  }

  /// A control character takes six bytes of the event, and nobody sees one.
  private static let dropped = Signs(0..<0x20).removing(UInt8(ascii: "\n"))
    .removing(UInt8(ascii: "\t"))

  private static func kept(_ text: String) -> String {
    guard text.holds(dropped) else { return text }
    return String(
      decoding: Array(text.utf8).filter { !dropped.contains($0) }, as: UTF8.self)
  }

  private static let escaped: Signs = "&<>\"\n"

  private static func escape(_ text: String, lineBreak: String = "\n") -> String {
    Printable.replacing(kept(text), escaped) { sign in
      switch sign {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      default: lineBreak
      }
    }
  }
}

extension Markup.Node {
  fileprivate var isTable: Bool { if case .table = self { true } else { false } }
}
