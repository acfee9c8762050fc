extension Simulation.Plan {
  /// The line that runs this again.
  package var line: String {
    let chosen = Fault.allCases.filter(faults.contains)
    let names = chosen.map(\.rawValue).joined(separator: ",")
    var line = "make simulate SEED=\(seed) DAYS=\(days)"
    if let platform { line += " PLATFORM=\(platform)" }
    if stepsMax != .max { line += " STEPS=\(stepsMax)" }
    if chosen.count != Fault.allCases.count { line += " FAULTS=\(names.isEmpty ? "none" : names)" }
    return line
  }

  /// What the environment asks for: `SEED`, and perhaps `DAYS`, `STEPS`, `FAULTS` and `TELL`.
  package init(_ environment: [String: String], seed: UInt64) {
    if let name = environment["PLATFORM"] {
      self.init(seed: seed, on: name)
    } else {
      self.init(seed: seed)
    }
    if let days = environment["DAYS"].flatMap({ Int64($0) }) { self.days = days }
    if let steps = environment["STEPS"].flatMap({ Int($0) }) { stepsMax = steps }
    if let names = environment["FAULTS"], !names.isEmpty {
      faults = Set(names.split(separator: ",").compactMap { Fault(rawValue: String($0)) })
    }
    isTold = environment["TELL"]?.isEmpty == false
  }

  /// The same failure, or another, with fewer moments and fewer kinds of faults.
  package func shrunk(after steps: Int) async -> Self {
    var best = self
    best.stepsMax = steps
    // Not every smaller number fails too, so this finds a small one and not the smallest.
    var passing = 0
    while best.stepsMax - passing > max(1, passing / 50) {
      var next = best
      next.stepsMax = (passing + best.stepsMax) / 2
      if await next.fails() { best = next } else { passing = next.stepsMax }
    }
    for fault in Fault.allCases where best.faults.contains(fault) {
      var next = best
      next.faults.remove(fault)
      if await next.fails() { best = next }
    }
    return best
  }

  private func fails() async -> Bool { await Simulation.report(self).failure != nil }
}
