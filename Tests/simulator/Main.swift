import Foundation
import Simulation

/// `make simulate YEARS=n SEED=s`: worlds of a year or of a quarter. With `STEPS`, `FAULTS`, `DAYS`
/// or `TELL` one world alone, as a failing run asks for it. With `TORTURE` a day in which one call
/// goes wrong, once for every call.
@main struct Main {
  static func main() async {
    let environment = ProcessInfo.processInfo.environment.filter { !$0.value.isEmpty }
    let seed = environment["SEED"].flatMap { UInt64($0) } ?? 1
    if environment["PLATFORM"] != nil, environment["WEEKS"] != nil {
      await weeks(environment, seed)
    }
    if ["STEPS", "FAULTS", "DAYS", "TELL"].contains(where: { environment[$0] != nil }) {
      await one(.init(environment, seed: seed), environment["TELL"])
    }
    if let ways = environment["TORTURE"] { await torture(seed, isWhole: ways == "all") }
    let years = environment["YEARS"].flatMap { Int($0) } ?? 100
    let began = clock()
    let sum = await Simulation.years(years, from: seed)
    say("simulation: " + sum.line(seconds: Double(clock() - began) / Double(CLOCKS_PER_SEC)))
    guard let (plan, report) = sum.failed else { return }
    say(await Simulation.tell(plan, report))
    exit(1)
  }

  /// `PLATFORM=zulip WEEKS=n`, or `PLATFORM=all`.
  private static func weeks(_ environment: [String: String], _ seed: UInt64) async -> Never {
    let count = environment["WEEKS"].flatMap { Int($0) } ?? 10
    let name = environment["PLATFORM"] ?? ""
    var hasFailed = false
    for platform in name == "all" ? Simulation.platforms : [name] {
      let began = clock()
      let sum = await Simulation.weeks(count, on: platform, from: seed)
      let seconds = Double(clock() - began) / Double(CLOCKS_PER_SEC)
      say("simulation of \(platform): " + sum.line(seconds: seconds))
      guard let (plan, report) = sum.failed else { continue }
      say(await Simulation.tell(plan, report))
      hasFailed = true
    }
    exit(hasFailed ? 1 : 0)
  }

  private static func torture(_ seed: UInt64, isWhole: Bool) async -> Never {
    let began = clock()
    let torture = await Simulation.torture(seed: seed, isWhole: isWhole)
    let seconds = Double(clock() - began) / Double(CLOCKS_PER_SEC)
    say(
      "torture: \(torture.calls.network) network calls and \(torture.calls.disk) disk calls of a "
        + "day, \(torture.runs) runs, \(Int(seconds)) s of processor")
    for failure in torture.failures { say(failure) }
    exit(torture.failures.isEmpty ? 0 : 1)
  }

  private static func one(_ plan: Simulation.Plan, _ path: String?) async -> Never {
    let report = await Simulation.report(plan)
    if let path {
      let text = report.lines.joined(separator: "\n")
      try? text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    say(report.failure ?? "nothing went wrong in \(report.steps) moments")
    exit(report.failure == nil ? 0 : 1)
  }

  private static func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
  }
}
