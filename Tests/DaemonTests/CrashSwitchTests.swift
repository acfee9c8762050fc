import Foundation
import Ledger
import Testing

@testable import Daemon

@Suite struct CrashSwitchTests {
  private func folder(permits: Bool) throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "crewbell-switch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if permits { try Data().write(to: folder.appending(path: CrashSwitch.permission)) }
    return folder.path
  }

  @Test func `the environment alone crashes nothing`() throws {
    let environment = [CrashSwitch.variable: "after-send:3"]
    let state = try folder(permits: false)
    #expect(try CrashSwitch.order(environment: environment, state: state) == nil)
    #expect(try CrashSwitch.order(environment: [:], state: folder(permits: true)) == nil)
    let permitted = try CrashSwitch.order(environment: environment, state: folder(permits: true))
    #expect(permitted?.point == .afterSend && permitted?.occurrence == 3)
    #expect(permitted?.signal == SIGKILL)
  }

  @Test func `nor does it alone make a run calm`() throws {
    let environment = [CrashSwitch.calmVariable: "1"]
    #expect(try !CrashSwitch.isCalm(environment: environment, state: folder(permits: false)))
    #expect(try !CrashSwitch.isCalm(environment: [:], state: folder(permits: true)))
    #expect(try CrashSwitch.isCalm(environment: environment, state: folder(permits: true)))
  }

  @Test(arguments: [
    "", "after-lunch", "after-send:0", "after-send:x", "after-send:1:bang", "a:b:c:d",
  ])
  func `what is no point is told`(_ text: String) throws {
    let state = try folder(permits: true)
    #expect(throws: FileFaults.self) {
      try CrashSwitch.order(environment: [CrashSwitch.variable: text], state: state)
    }
  }

  @Test func `a trap is a signal that leaves a mark`() {
    #expect(CrashSwitch.Order("after-suspect:1:trap")?.signal == SIGILL)
  }
}
