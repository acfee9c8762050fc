import Crew

extension Markup {
  /// What stands in bold, in the runs that marks can go around: bold within bold is bold, and a
  /// table, which no markup sets in bold, is a run of its own.
  var boldRuns: [Markup] {
    var runs: [Markup] = [Markup([])]
    for node in flat {
      if case .table = node {
        runs += [Markup([node]), Markup([])]
      } else {
        runs[runs.count - 1].nodes.append(node)
      }
    }
    return runs.filter { !$0.nodes.isEmpty }
  }

  private var flat: [Node] {
    nodes.flatMap { node -> [Node] in
      if case .strong(let inner) = node { inner.flat } else { [node] }
    }
  }

  /// The words of a table that stands alone.
  var table: String? {
    if nodes.count == 1, case .table(let words) = nodes[0] { words } else { nil }
  }
}
