extension Simulation {
  /// What many worlds came to.
  package struct Sum: Sendable {
    package private(set) var worlds = 0
    package private(set) var simulatedSeconds: Int64 = 0
    package private(set) var messages = 0
    package private(set) var posts = 0
    package private(set) var doubts = 0
    package private(set) var crashes = 0
    package private(set) var faults: [Fault: Int] = [:]
    /// The first that went wrong.
    package private(set) var failed: (plan: Plan, report: Report)?

    package init() {}

    package mutating func add(_ report: Report, of plan: Plan) {
      worlds += 1
      simulatedSeconds += report.simulatedSeconds
      messages += report.messages
      posts += report.posts
      doubts += report.doubts
      crashes += report.crashes
      faults.merge(report.faults) { $0 + $1 }
      if failed == nil, report.failure != nil { failed = (plan, report) }
    }

    /// - Parameter seconds: of the processor.
    package func line(seconds: Double) -> String {
      let tenths = simulatedSeconds * 10 / (365 * 86_400)
      let speed = Int(Double(simulatedSeconds) / max(seconds, 0.001) / 1000)
      return "\(worlds) worlds, \(tenths / 10).\(tenths % 10) years, \(messages) messages, "
        + "\(posts) posts, \(doubts) in doubt, \(faults.values.reduce(0, +)) faults, "
        + "\(crashes) deaths; \(speed) thousand simulated seconds a second of processor"
    }
  }

  /// Worlds of a year or of a quarter, with rising seeds, until one goes wrong or it is enough.
  package static func years(_ count: Int, from seed: UInt64) async -> Sum {
    var sum = Sum()
    var seed = seed
    while sum.failed == nil, sum.simulatedSeconds < Int64(count) * 365 * 86_400 {
      let plan = Plan(seed: seed)
      sum.add(await report(plan), of: plan)
      seed += 1
    }
    return sum
  }

  /// So many weeks on a real platform's fake, with rising seeds, until one goes wrong.
  /// - Parameter days: of each week.
  package static func weeks(
    _ count: Int, on platform: String, from seed: UInt64, days: Int64 = 7
  ) async -> Sum {
    var sum = Sum()
    for number in 0..<UInt64(count) where sum.failed == nil {
      var plan = Plan(seed: seed + number, on: platform)
      plan.days = days
      sum.add(await report(plan), of: plan)
    }
    return sum
  }

  /// A failure in small, and the line that repeats it.
  package static func tell(_ plan: Plan, _ report: Report) async -> String {
    let small = await plan.shrunk(after: report.steps)
    let failure = await Self.report(small).failure ?? "?"
    return "\(report.failure ?? "?")\n  repeat it: \(plan.line)\n"
      + "in small: \(failure)\n  repeat it: \(small.line) TELL=trace.txt"
  }
}
