import Foundation
import Simulation
import Testing

/// A few worlds of every test run; `make simulate` runs as many as you like.
@Suite(.serialized) struct SimulationTests {
  @Test func `nothing is lost, doubled or forgotten, whatever goes wrong`() async {
    let sum = await Simulation.years(2, from: 1)
    if let (plan, report) = sum.failed { Issue.record("\(await Simulation.tell(plan, report))") }
    #expect(sum.posts > 300 && sum.doubts > 10)
    // A fault that never struck shows nothing.
    #expect(Fault.allCases.filter { sum.faults[$0] == nil } == [])
  }

  /// The platform's own code on its strict fake; what was delivered the fake says.
  @Test(arguments: Simulation.platforms)
  func `on each platform nothing is lost, doubled or forgotten`(platform: String) async {
    let sum = await Simulation.weeks(2, on: platform, from: 1, days: 2)
    if let (plan, report) = sum.failed { Issue.record("\(await Simulation.tell(plan, report))") }
    #expect(sum.posts > 20 && sum.faults.count > 5, "\(sum.line(seconds: 1))")
  }

  @Test func `the same seed is the same run`() async {
    var plan = Simulation.Plan(seed: 7)
    plan.days = 40
    let (one, two) = (await Simulation.report(plan), await Simulation.report(plan))
    #expect(one.trace == two.trace && one.steps == two.steps)
    plan.seed = 8
    let other = await Simulation.report(plan)
    #expect(one.trace != other.trace)
  }

  /// Not taken and known to be so, not taken and nobody knows, taken and nobody knows; and a disk
  /// that refuses.
  @Test func `any call of a day may fail`() async {
    // A sanitizer makes each run ten times as slow and looks for something else.
    let every = ProcessInfo.processInfo.environment["SANITIZER"] == nil ? 1 : 10
    let torture = await Simulation.torture(seed: 3, isWhole: false, every: every)
    for failure in torture.failures { Issue.record("\(failure)") }
    #expect(torture.calls.network > 20 && torture.calls.disk > 100)
    let (network, disk) = (torture.calls.network / every, torture.calls.disk / every)
    #expect(torture.runs == network * 3 + disk)
  }
}
