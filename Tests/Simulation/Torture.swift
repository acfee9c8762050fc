extension Simulation {
  /// A day in which one call goes wrong: every call of the day once, in every way.
  package struct Torture: Sendable {
    package var calls = (network: 0, disk: 0)
    package var runs = 0
    package var failures: [String] = []
  }

  /// The day itself: people write, a check-in opens and closes, and nothing else goes wrong.
  private static func day(_ seed: UInt64, _ doom: Doom?) -> Plan {
    var plan = Plan(seed: seed)
    plan.days = 1
    plan.pauseSeconds = 3 * 3600
    plan.isCalm = true
    plan.doom = doom
    return plan
  }

  /// - Parameters:
  ///   - isWhole: a crash before and after each call too, and answers that are none; else
  ///   only calls that fail.
  ///   - every: only each so-many-th call; 1 for all.
  package static func torture(
    seed: UInt64, isWhole: Bool, every: Int = 1
  ) async -> Torture {
    var torture = Torture()
    let usual = await report(day(seed, nil))
    torture.calls = usual.calls
    if let failure = usual.failure { torture.failures = [failure] }
    for doom in dooms(usual.calls, isWhole: isWhole)
    where doom.call % every == 0 && torture.failures.count < 5 {
      let report = await report(day(seed, doom))
      torture.runs += 1
      let why =
        report.failure ?? (report.faults[doom.fault] == nil ? "the fault did not strike" : nil)
      if let why { torture.failures.append("\(doom): \(why)") }
    }
    return torture
  }

  private static func dooms(_ calls: (network: Int, disk: Int), isWhole: Bool) -> [Doom] {
    var dooms: [Doom] = []
    for call in 1...max(calls.network, 1) {
      // Before it is accepted, known and unknown; after.
      dooms += [Fault.refused, .dropped, .answerLost].map { Doom(.network, call: call, $0) }
      guard isWhole else { continue }
      dooms += [Fault.late, .garbage, .status].map { Doom(.network, call: call, $0) }
      dooms += [false, true].map { Doom(.network, call: call, .crash, isAfter: $0) }
    }
    for call in 1...max(calls.disk, 1) {
      dooms.append(Doom(.disk, call: call, .disk))
      guard isWhole else { continue }
      dooms += [false, true].map { Doom(.disk, call: call, .crash, isAfter: $0) }
    }
    return dooms
  }
}
